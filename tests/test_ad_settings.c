/* test_ad_settings.c - every key of an "ad:" URL, and every refusal by its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ad_settings.h"
#include "cleanup.h"

static struct ad_settings *parsed(const char *text)
{
    struct ad_settings *settings = NULL;
    struct gpmq_error err = {0};
    if (ad_settings_parse(&settings, text, &err) != 0)
        fail_msg("%s", err.text);
    return settings;
}

static void refused(const char *text, const char *why)
{
    CLEANUP(ad_settings_free) struct ad_settings *settings = NULL;
    struct gpmq_error err = {0};
    assert_int_equal(ad_settings_parse(&settings, text, &err), GPMQ_EINVAL);
    assert_null(settings);
    if (!strstr(err.text, why) || !strstr(err.text, "domain 'ad:"))
        fail_msg("'%s': '%s' does not say '%s'", text, err.text, why);
}

static void a_name_alone_has_the_defaults(void **state)
{
    (void)state;
    CLEANUP(ad_settings_free) struct ad_settings *settings = parsed("Contoso.Example");
    assert_string_equal(settings->domain, "contoso.example");
    assert_string_equal(settings->realm, "CONTOSO.EXAMPLE");
    assert_int_equal(settings->server_count, 0);
    assert_int_equal(settings->auth, AD_KERBEROS);
    assert_int_equal(settings->tls, AD_STARTTLS);
    assert_int_equal(settings->timeout_s, AD_TIMEOUT_DEFAULT_S);
    assert_null(settings->user);
    assert_null(settings->keytab);
    assert_null(settings->password_file);
    assert_null(settings->ccache);
    assert_null(settings->ca_file);
    assert_null(settings->sysvol);
}

static void every_key_is_taken(void **state)
{
    (void)state;
    CLEANUP(ad_settings_free)
    struct ad_settings *settings =
        parsed("contoso.example?server=dc1.contoso.example,[::1]:1389,DC2&auth=simple"
               "&tls=ldaps&user=gpmq&password-file=/etc/gpmq/password&ca=/etc/ssl/ca.pem"
               "&sysvol=/var/lib/samba/sysvol&timeout=600");
    assert_int_equal(settings->server_count, 3);
    assert_string_equal(settings->servers[0], "dc1.contoso.example");
    assert_string_equal(settings->servers[1], "[::1]:1389");
    assert_string_equal(settings->servers[2], "DC2");
    assert_int_equal(settings->auth, AD_SIMPLE);
    assert_int_equal(settings->tls, AD_LDAPS);
    assert_string_equal(settings->user, "gpmq@CONTOSO.EXAMPLE");
    assert_string_equal(settings->password_file, "/etc/gpmq/password");
    assert_string_equal(settings->ca_file, "/etc/ssl/ca.pem");
    assert_string_equal(settings->sysvol, "/var/lib/samba/sysvol");
    assert_int_equal(settings->timeout_s, 600);
}

static void kerberos_takes_a_keytab_or_tickets(void **state)
{
    (void)state;
    CLEANUP(ad_settings_free)
    struct ad_settings *one = parsed("a.b?auth=kerberos&user=gpmq@OTHER.REALM&keytab=/k");
    CLEANUP(ad_settings_free)
    struct ad_settings *two = parsed("a.b?ccache=FILE:/run/gpmq/cc&sysvol=smb&tls=starttls");
    assert_string_equal(one->user, "gpmq@OTHER.REALM");
    assert_string_equal(one->keytab, "/k");
    assert_string_equal(two->ccache, "FILE:/run/gpmq/cc");
    assert_null(two->user);
    assert_null(two->sysvol);
}

static void values_are_percent_decoded(void **state)
{
    (void)state;
    CLEANUP(ad_settings_free)
    struct ad_settings *settings = parsed("a.b?user=J%C3%BCrgen%20%26%3d%25&keytab=%2Fk%3fx");
    assert_string_equal(settings->user, "J\xc3\xbcrgen &=%@A.B");
    assert_string_equal(settings->keytab, "/k?x");
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "'' is no DNS name of a domain"},
        {"a..b", "'a..b' is no DNS name"},
        {".a", "is no DNS name"},
        {"a.", "is no DNS name"},
        {"a/b", "is no DNS name"},
        {"a b", "is no DNS name"},
        {"a.b?", "'' is no KEY=VALUE"},
        {"a.b?user", "'user' is no KEY=VALUE"},
        {"a.b?user=", "'user=' is no KEY=VALUE"},
        {"a.b?user=x&", "'' is no KEY=VALUE"},
        {"a.b?password=x", "there is no key 'password'"},
        {"a.b?USER=x", "there is no key 'USER'"},
        {"a.b?user=x&timeout=3&user=x", "user is given twice"},
        {"a.b?server=a&server=b", "server is given twice"},
        {"a.b?user=%", "user: the value is too long, or badly encoded"},
        {"a.b?user=%4", "badly encoded"},
        {"a.b?user=%zz", "badly encoded"},
        {"a.b?user=x%00y", "badly encoded"},
        {"a.b?user=x%0Ay", "badly encoded"},
        {"a.b?user=x\ny", "badly encoded"},
        {"a.b?user=%7f", "badly encoded"},
        {"a.b?server=a,,b", "server: '' is no host name"},
        {"a.b?server=a/b", "server: 'a/b' is no host name"},
        {"a.b?server=dc1%20", "server: 'dc1 ' is no host name"},
        {"a.b?auth=ntlm", "auth is 'ntlm': it can be kerberos or simple"},
        {"a.b?tls=off", "tls is 'off': it can be starttls or ldaps"},
        {"a.b?user=x&keytab=k", "keytab: 'k' is no absolute path"},
        {"a.b?user=x&password-file=./p", "password-file: './p' is no absolute path"},
        {"a.b?ca=ca.pem", "ca: 'ca.pem' is no absolute path"},
        {"a.b?sysvol=SMB", "sysvol: 'SMB' is no absolute path"},
        {"a.b?timeout=0", "timeout: '0' is no number of seconds from 1 to 600"},
        {"a.b?timeout=601", "timeout: '601'"},
        {"a.b?timeout=5s", "timeout: '5s'"},
        {"a.b?timeout=99999999999999999999", "timeout: '99999999999999999999'"},
        {"a.b?auth=simple", "auth=simple needs user and password-file"},
        {"a.b?auth=simple&user=x", "auth=simple needs user and password-file"},
        {"a.b?auth=simple&user=x&keytab=/k", "auth=simple needs user and password-file"},
        {"a.b?keytab=/k", "keytab and password-file need user"},
        {"a.b?password-file=/p", "keytab and password-file need user"},
        {"a.b?user=x&keytab=/k&password-file=/p", "give one of keytab, password-file and ccache"},
        {"a.b?user=x&keytab=/k&ccache=/c", "give one of keytab, password-file and ccache"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i].text, cases[i].why);
}

static void a_value_has_a_limit(void **state)
{
    char text[AD_VALUE_MAX + 64] = "a.b?user=";
    size_t at = strlen(text);
    (void)state;
    memset(text + at, 'u', AD_VALUE_MAX);
    CLEANUP(ad_settings_free) struct ad_settings *settings = parsed(text);
    assert_int_equal(strlen(settings->user), AD_VALUE_MAX + strlen("@A.B"));
    text[at + AD_VALUE_MAX] = 'u';
    refused(text, "user: the value is too long");
}

static void servers_and_the_name_have_limits(void **state)
{
    char text[512] = "a.b?server=s";
    char name[300];
    (void)state;
    for (int i = 1; i < AD_SERVERS_MAX; i++)
        strcat(text, ",s");
    CLEANUP(ad_settings_free) struct ad_settings *settings = parsed(text);
    assert_int_equal(settings->server_count, AD_SERVERS_MAX);
    strcat(text, ",s");
    refused(text, "server: more than 16");
    memset(name, 'n', 256);
    name[255] = 0;
    CLEANUP(ad_settings_free) struct ad_settings *longest = parsed(name);
    assert_int_equal(strlen(longest->realm), 255);
    name[255] = 'n';
    name[256] = 0;
    refused(name, "is no DNS name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_alone_has_the_defaults),
        cmocka_unit_test(every_key_is_taken),
        cmocka_unit_test(kerberos_takes_a_keytab_or_tickets),
        cmocka_unit_test(values_are_percent_decoded),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_value_has_a_limit),
        cmocka_unit_test(servers_and_the_name_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
