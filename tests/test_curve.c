/* test_curve.c - key files, ours and czmq's, and what makes one be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <czmq.h>

#include "cleanup.h"
#include "curve.h"

struct place {
    char folder[64];
    char path[128];
};

static const char *in_folder(struct place *place, const char *name)
{
    snprintf(place->path, sizeof place->path, "%s/%s", place->folder, name);
    return place->path;
}

static int make_folder(void **state)
{
    static struct place place;
    const char *base = getenv("TMPDIR");
    snprintf(place.folder, sizeof place.folder, "%.40s/gpmq-curve-XXXXXX", base ? base : "/tmp");
    *state = &place;
    return mkdtemp(place.folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct place *place = *state;
    zdir_t *folder = zdir_new(place->folder, NULL);
    zdir_remove(folder, true);
    zdir_destroy(&folder);
    return 0;
}

static void write_file(const char *path, mode_t mode, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_made_pair_reads_back(void **state)
{
    struct place *place = *state;
    struct curve_key made, key;
    struct stat about;

    assert_int_equal(curve_create(&made, place->folder, "worker-1", CURVE_WORKER, NULL), 0);
    assert_false(made.has_secret);
    assert_int_equal(curve_load(&key, in_folder(place, "worker-1.key"), CURVE_SECRET, NULL), 0);
    assert_true(key.has_secret);
    assert_string_equal(key.name, "worker-1");
    assert_int_equal(key.role, CURVE_WORKER);
    assert_string_equal(key.public_text, made.public_text);
    assert_int_equal(stat(place->path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(curve_load(&key, in_folder(place, "worker-1.pub"), CURVE_PUBLIC, NULL), 0);
    assert_string_equal(key.public_text, made.public_text);
    assert_string_equal(key.secret_text, "");
    curve_forget(&key);
}

static void a_key_is_never_written_over(void **state)
{
    struct place *place = *state;
    struct gpmq_error err;
    struct curve_key first, again;

    assert_int_equal(curve_create(&first, place->folder, "once", CURVE_CLIENT, NULL), 0);
    assert_int_equal(curve_create(NULL, place->folder, "once", CURVE_CLIENT, &err), GPMQ_EEXIST);
    assert_non_null(strstr(err.text, "not overwritten"));
    assert_int_equal(curve_load(&again, in_folder(place, "once.pub"), CURVE_PUBLIC, NULL), 0);
    assert_string_equal(again.public_text, first.public_text);
}

static void a_pair_that_cannot_be_whole_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct stat about;

    assert_int_equal(mkdir(in_folder(place, "half.key"), 0700), 0);
    assert_int_equal(curve_create(NULL, place->folder, "half", CURVE_CLIENT, NULL), GPMQ_EEXIST);
    assert_int_equal(stat(in_folder(place, "half.pub"), &about), -1);
}

static void names_that_are_paths_are_refused(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {"", "../x", "a/b", ".hidden", "a b", "a\nb", "ä"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(curve_create(NULL, place->folder, names[i], CURVE_CLIENT, NULL),
                         GPMQ_EINVAL);
}

static void a_secret_that_others_may_read_is_refused_with_what_to_do(void **state)
{
    struct place *place = *state;
    struct gpmq_error err;
    struct curve_key key;

    assert_int_equal(curve_create(NULL, place->folder, "open", CURVE_CLIENT, NULL), 0);
    assert_int_equal(chmod(in_folder(place, "open.key"), 0640), 0);
    assert_int_equal(curve_load(&key, place->path, CURVE_SECRET, &err), GPMQ_EACCESS);
    assert_non_null(strstr(err.text, "chmod 600"));
}

static void a_public_file_is_no_secret_key(void **state)
{
    struct place *place = *state;
    struct gpmq_error err;
    struct curve_key key;

    assert_int_equal(curve_create(NULL, place->folder, "half-known", CURVE_CLIENT, NULL), 0);
    assert_int_equal(curve_load(&key, in_folder(place, "half-known.pub"), CURVE_SECRET, &err),
                     GPMQ_EINVAL);
    assert_non_null(strstr(err.text, ".key"));
    assert_int_equal(curve_load(&key, in_folder(place, "nobody.key"), CURVE_SECRET, &err),
                     GPMQ_ENOTFOUND);
    assert_int_equal(curve_load(&key, place->folder, CURVE_SECRET, &err), GPMQ_EINVAL);
}

static void what_is_no_key_file_is_refused(void **state)
{
    struct place *place = *state;
    struct curve_key key;
    static const char *const texts[] = {
        "",
        "curve\n",
        "curve\n    public-key = \"short\"\n",
        "curve\n    public-key = \"0123456789\n",
        "public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\"\n",
        "curve\n    public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\" x\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file(in_folder(place, "bad.pub"), 0600, texts[i]);
        assert_int_equal(curve_load(&key, place->path, CURVE_PUBLIC, NULL), GPMQ_EMALFORMED);
    }
}

static void keys_that_do_not_belong_together_are_refused(void **state)
{
    struct place *place = *state;
    struct gpmq_error err;
    struct curve_key key;

    write_file(in_folder(place, "mixed.key"), 0600,
               "curve\n"
               "    public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\"\n"
               "    secret-key = \"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\"\n");
    assert_int_equal(curve_load(&key, place->path, CURVE_SECRET, &err), GPMQ_EMALFORMED);
    assert_non_null(strstr(err.text, "do not belong together"));
}

static void czmq_reads_ours(void **state)
{
    struct place *place = *state;
    struct curve_key made;

    assert_int_equal(curve_create(&made, place->folder, "for-czmq", CURVE_CLIENT, NULL), 0);
    zcert_t *cert = zcert_load(in_folder(place, "for-czmq.key"));
    assert_non_null(cert);
    assert_string_equal(zcert_public_txt(cert), made.public_text);
    assert_string_equal(zcert_meta(cert, "name"), "for-czmq");
    assert_string_equal(zcert_meta(cert, "role"), "client");
    zcert_destroy(&cert);
}

static void we_read_czmqs(void **state)
{
    struct place *place = *state;
    struct curve_key key;
    zcert_t *cert = zcert_new();

    zcert_set_meta(cert, "name", "%s", "from-czmq");
    zcert_set_meta(cert, "role", "%s", "admin");
    assert_int_equal(zcert_save(cert, in_folder(place, "czmq")), 0);
    assert_int_equal(curve_load(&key, place->path, CURVE_PUBLIC, NULL), 0);
    assert_string_equal(key.public_text, zcert_public_txt(cert));
    assert_int_equal(curve_load(&key, in_folder(place, "czmq_secret"), CURVE_SECRET, NULL), 0);
    assert_string_equal(key.secret_text, zcert_secret_txt(cert));
    assert_string_equal(key.name, "from-czmq");
    assert_int_equal(key.role, CURVE_ADMIN);
    zcert_destroy(&cert);
}

static void every_role_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum curve_role role = CURVE_NO_ROLE + 1; role < CURVE_ROLE_END; role++)
        assert_int_equal(curve_role_from_name(curve_role_name(role)), role);
    assert_int_equal(curve_role_from_name("emperor"), CURVE_NO_ROLE);
    assert_int_equal(curve_role_from_name(""), CURVE_NO_ROLE);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_pair_reads_back),
        cmocka_unit_test(a_key_is_never_written_over),
        cmocka_unit_test(a_pair_that_cannot_be_whole_leaves_nothing),
        cmocka_unit_test(names_that_are_paths_are_refused),
        cmocka_unit_test(a_secret_that_others_may_read_is_refused_with_what_to_do),
        cmocka_unit_test(a_public_file_is_no_secret_key),
        cmocka_unit_test(what_is_no_key_file_is_refused),
        cmocka_unit_test(keys_that_do_not_belong_together_are_refused),
        cmocka_unit_test(czmq_reads_ours),
        cmocka_unit_test(we_read_czmqs),
        cmocka_unit_test(every_role_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
