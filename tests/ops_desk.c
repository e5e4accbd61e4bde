/* ops_desk.c - operations in this process, and what they tell. */
#include "ops_desk.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"

/* ---- places ---------------------------------------------------------------------------------- */

static void build_demo(const char *dest)
{
    const char *source_dir = getenv("GPMQ_SOURCE_DIR"), *build_dir = getenv("GPMQ_BUILD_DIR");
    char source[SCRATCH_PATH_SIZE], maker[SCRATCH_PATH_SIZE];
    int status = 0;
    if (!source_dir || !build_dir)
        fail_msg("GPMQ_SOURCE_DIR and GPMQ_BUILD_DIR must be set: run it through ctest");
    snprintf(source, sizeof source, "%s/tests/data/demo-domain", source_dir);
    snprintf(maker, sizeof maker, "%s/tests/make_domain", build_dir);
    pid_t child = fork();
    if (child == 0) {
        execl(maker, maker, source, dest, NULL);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        fail_msg("%s could not make the demo domain", maker);
}

static void make_places(struct desk *desk, bool demo)
{
    const struct domain_create_options options = {.dns_name = "example.test"};
    struct gpmq_error err = {0};
    *desk = (struct desk){0};
    scratch_make(&desk->scratch);
    scratch_path(&desk->scratch, "domain", desk->domain_path);
    scratch_path(&desk->scratch, "backups", desk->repository_path);
    if (demo)
        build_demo(desk->domain_path);
    else if (domain_create(desk->domain_path, &options, &err))
        fail_msg("%s", err.text);
    if (domain_open(&desk->domain, desk->domain_path, &err) ||
        repository_open(&desk->repository, desk->repository_path, true, &err))
        fail_msg("%s", err.text);
}

void desk_make_demo(struct desk *desk)
{
    make_places(desk, true);
}

void desk_make_empty(struct desk *desk)
{
    make_places(desk, false);
}

void desk_remove(struct desk *desk)
{
    domain_close(&desk->domain);
    repository_close(&desk->repository);
    if (*desk->scratch.path)
        scratch_remove(&desk->scratch);
}

struct desk *desk_of(void **state)
{
    return *state;
}

int desk_set_up(void **state)
{
    static struct desk desk;
    desk_make_demo(&desk);
    *state = &desk;
    return 0;
}

int desk_tear_down(void **state)
{
    desk_remove(desk_of(state));
    return 0;
}

/* ---- what is told ---------------------------------------------------------------------------- */

static char *copy_text(const char *text)
{
    char *copy = strdup(text ? text : "");
    assert_non_null(copy);
    return copy;
}

static void *grow(void *items, size_t count, size_t size)
{
    void *grown = realloc(items, (count + 1) * size);
    assert_non_null(grown);
    return grown;
}

static void take_progress(struct told *told, const struct report *report)
{
    struct told_progress now = {report->progress_numerator, report->progress_denominator};
    assert_in_range(now.numerator, 0, INT32_MAX);
    assert_true(now.numerator < now.denominator);
    if (told->progress_count)
        assert_true(now.numerator >= told->progress[told->progress_count - 1].numerator);
    told->progress = grow(told->progress, told->progress_count, sizeof now);
    told->progress[told->progress_count++] = now;
}

static void take_messages(struct told *told, const struct report *report)
{
    if (!report->status_msg_count)
        assert_null(report->status_msgs);
    for (uint32_t i = 0; i < report->status_msg_count; i++) {
        const struct gpmq_status_msg *from = &report->status_msgs[i];
        struct told_message message = {
            .object_path = copy_text(from->object_path),
            .extension_name = copy_text(from->extension_name),
            .settings_name = copy_text(from->settings_name),
            .text = copy_text(from->message),
            .error_code = from->error_code,
            .operation_code = from->operation_code,
        };
        told->messages = grow(told->messages, told->message_count, sizeof message);
        told->messages[told->message_count++] = message;
    }
}

static void take_result(struct told *told, const struct gpmq_result *result)
{
    told->type = copy_text(result->type);
    told->overall_status = result->overall_status;
    for (uint32_t i = 0; i < result->property_count; i++)
        told->properties[told->property_count++] = (struct told_property){
            copy_text(result->properties[i].name), copy_text(result->properties[i].value)};
    if (result->data)
        bytes_put(&told->content, result->data, result->data_size);
    assert_int_equal(told->content.size, result->data_size);
}

static void take_end(struct told *told, const struct report *report)
{
    told->ended = true;
    told->end = report->kind;
    told->code = report->code;
    told->hr_status = report->hr_status;
    told->retryable = report->retryable;
    assert_non_null(report->result);
    take_result(told, report->result);
}

static void take_report(struct run_channel *channel, const struct report *report)
{
    struct told *told = (struct told *)channel;
    assert_false(told->ended);
    if (report->progress_denominator)
        take_progress(told, report);
    take_messages(told, report);
    if (report->kind == REPORT_PROGRESS || report->kind == REPORT_MESSAGE)
        assert_null(report->result);
    else
        take_end(told, report);
}

static void take_content(struct run_channel *channel, uint64_t offset, const void *bytes,
                         uint32_t size)
{
    struct told *told = (struct told *)channel;
    assert_int_equal(offset, told->content.size);
    bytes_put(&told->content, bytes, size);
}

static bool answer_stopped(struct run_channel *channel, int64_t wait_ms)
{
    struct told *told = (struct told *)channel;
    (void)wait_ms;
    return ++told->asked == told->stop_at;
}

static int tell_input(struct run_channel *channel)
{
    return ((struct told *)channel)->input_fd;
}

struct told desk_run(struct desk *desk, const struct gpmq_request *request, uint64_t fence,
                     unsigned stop_at)
{
    struct told told = {
        .channel = {.report = take_report,
                    .content = take_content,
                    .stopped = answer_stopped,
                    .input = tell_input},
        .stop_at = stop_at,
        .input_fd = desk->input_fd ? desk->input_fd : -1,
    };
    struct gpmq_request own = *request;
    struct place domains[] = {{DESK_DOMAIN, desk->domain_path}, {DESK_SECOND, desk->second_path}};
    struct place repositories[] = {{DESK_REPOSITORY, desk->repository_path},
                                   {DESK_OTHER, desk->other_path}};
    const struct msg_exec_start start = {
        .fence = fence,
        .attempt = (uint32_t)fence,
        .request = &own,
        .domain_count = desk->second_path ? 2 : 1,
        .domains = domains,
        .repository_count = desk->other_path ? 2 : 1,
        .repositories = repositories,
    };
    bytes_put(&told.content, "", 0);
    CLEANUP(run_free) struct run *run = run_new(&told.channel, &start);
    assert_non_null(run);
    run_set_templates(run, desk->templates);
    handler_execute(run, &(struct handler_list){0});
    assert_true(told.ended);
    return told;
}

void told_free(struct told *told)
{
    for (size_t i = 0; i < told->message_count; i++) {
        free(told->messages[i].object_path);
        free(told->messages[i].extension_name);
        free(told->messages[i].settings_name);
        free(told->messages[i].text);
    }
    for (size_t i = 0; i < told->property_count; i++) {
        free(told->properties[i].name);
        free(told->properties[i].value);
    }
    free(told->messages);
    free(told->progress);
    free(told->type);
    bytes_free(&told->content);
}

const char *told_property(const struct told *told, const char *name)
{
    for (size_t i = 0; i < told->property_count; i++)
        if (strcmp(told->properties[i].name, name) == 0)
            return told->properties[i].value;
    return "(none)";
}

const char *told_last(const struct told *told)
{
    return told->message_count ? told->messages[told->message_count - 1].text : "";
}

void told_ended_well(const struct told *told)
{
    if (told->end != REPORT_DONE)
        fail_msg("%s: %s", gpmq_code_name(told->code), told_last(told));
    assert_int_equal(told->code, 0);
    assert_int_equal(told->hr_status, GPMQ_S_OK);
    assert_int_equal(told->overall_status, GPMQ_S_OK);
}

void told_failed_with(const struct told *told, int code)
{
    if (told->code != code)
        fail_msg("%s, not %s: %s", gpmq_code_name(told->code), gpmq_code_name(code),
                 told_last(told));
    assert_int_equal(told->end, code == GPMQ_ESTOPPED ? REPORT_CANCELLED : REPORT_FAILED);
    assert_int_equal(told->hr_status, gpmq_code_hresult(code));
    assert_int_equal(told->overall_status, gpmq_code_hresult(code));
}

/* ---- requests, and looking at what they did -------------------------------------------------- */

struct gpmq_request desk_request(const char *kind, unsigned number)
{
    uint8_t random[10] = {[8] = (uint8_t)(number >> 8), [9] = (uint8_t)number};
    return (struct gpmq_request){
        .id = gpmq_id_make(1700000000000, random),
        .kind = kind,
        .domain = DESK_DOMAIN,
        .repository = DESK_REPOSITORY,
    };
}

const char *desk_gpo(const struct desk *desk, const char *name)
{
    static char texts[8][GPMQ_GUID_TEXT_SIZE];
    static unsigned next;
    struct gpmq_guid id;
    struct gpmq_error err;
    if (domain_find(desk->domain, name, &id, &err))
        fail_msg("%s", err.text);
    return gpmq_guid_text(&id, texts[next++ % 8]);
}

struct gpo *desk_read(const struct desk *desk, const struct gpmq_guid *id)
{
    struct gpo *gpo = NULL;
    struct gpmq_error err;
    if (desk->domain->ops->read(desk->domain, id, &gpo, &err))
        fail_msg("%s", err.text);
    return gpo;
}

struct gpmq_guid desk_back_up(struct desk *desk, const char *name, unsigned number)
{
    struct gpmq_request request = desk_request("gpo.backup", number);
    request.gpo = desk_gpo(desk, name);
    CLEANUP(told_free) struct told told = desk_run(desk, &request, 1, 0);
    told_ended_well(&told);
    return gpmq_guid_derive(&request.id, "backup");
}

void desk_edit(struct desk *desk, const struct gpmq_guid *id, unsigned fields,
               const struct gpo *values, unsigned number)
{
    const struct domain_ops *ops = desk->domain->ops;
    const struct gpmq_request named = desk_request("edit", number);
    const struct domain_change_request request = {.gpo = *id, .op = named.id, .fence = DESK_FENCE};
    struct domain_change_answer answer;
    struct domain_change *change = NULL;
    struct gpmq_error err;
    uint32_t version;
    if (ops->change_begin(desk->domain, &request, 0, &change, &answer, &err) ||
        ops->change_write(change, "Machine/edited.txt", "edited", 6, &err) ||
        ops->change_set(change, fields, values, &err) ||
        ops->change_commit(&change, &version, &err))
        fail_msg("%s", err.text);
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat, (void)type, (void)where;
    return remove(path);
}

void desk_delete(struct desk *desk, const struct gpmq_guid *id)
{
    char guid[GPMQ_GUID_TEXT_SIZE], path[2 * SCRATCH_PATH_SIZE];
    gpmq_guid_text(id, guid);
    snprintf(path, sizeof path, "%s/Policies/%s", desk->domain_path, guid);
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    snprintf(path, sizeof path, "%s/Policies/%s.ldif", desk->domain_path, guid);
    assert_int_equal(unlink(path), 0);
}

size_t desk_entries(const struct desk *desk)
{
    size_t count = 0;
    DIR *folder = opendir(desk->repository_path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

static int append(void *arg, const void *bytes, size_t size, struct gpmq_error *err)
{
    (void)err;
    bytes_put(arg, bytes, size);
    return 0;
}

struct bytes desk_file(const struct desk *desk, const struct gpmq_guid *id, const char *path)
{
    struct bytes content = {0};
    struct gpmq_error err;
    bytes_put(&content, "", 0);
    if (desk->domain->ops->read_file(desk->domain, id, path, append, &content, &err))
        fail_msg("%s", err.text);
    return content;
}
