/* doctor_ad_reach.c - names in DNS, ports, and the clock of a controller. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <ldap.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "doctor_ad.h"
#include "ldif.h"

#define HOST_SIZE      256
#define SKEW_WARNING_S 60
#define SKEW_MAX_S     300 /* Kerberos refuses more ([RFC 4120] 1.6) */

static void free_addresses(struct addrinfo **found_p)
{
    if (*found_p)
        freeaddrinfo(*found_p);
}

/* "dc1:1389", "[::1]:1389": the host, and the port behind it or NULL. */
static const char *split(const char *server, char host[HOST_SIZE])
{
    const char *end = server[0] == '[' ? strchr(server, ']') : strchr(server, ':');
    const char *from = server[0] == '[' ? server + 1 : server;
    int length = end ? (int)(end - from) : (int)strlen(from);
    snprintf(host, HOST_SIZE, "%.*s", length, from);
    if (end && *end == ']')
        end++;
    return end && *end == ':' ? end + 1 : NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

static void take_servers(struct ad_settings *settings, char *hosts)
{
    char *rest = hosts, *host;
    while (rest && settings->server_count < AD_SERVERS_MAX && (host = strsep(&rest, " "))) {
        host[strcspn(host, ":")] = 0;
        if (*host && (settings->servers[settings->server_count] = strdup(host)))
            settings->server_count++;
    }
}

static void look_up_domain(struct doctor *doctor, struct ad_settings *settings)
{
    char *hosts = NULL;
    if (settings->server_count)
        return;
    if (ldap_domain2hostlist(settings->domain, &hosts) == LDAP_SUCCESS) {
        doctor_say(doctor, DOCTOR_OK, "dns", NULL, "_ldap._tcp.%s names %s", settings->domain,
                   hosts);
        take_servers(settings, hosts);
    } else if ((settings->servers[0] = strdup(settings->domain))) {
        settings->server_count = 1;
        doctor_say(
            doctor, DOCTOR_WARNING, "dns",
            "let this machine ask the domain's DNS servers, or name controllers in 'servers'",
            "DNS has no record _ldap._tcp.%s: only the domain's own name is tried",
            settings->domain);
    }
    ldap_memfree(hosts);
}

static struct addrinfo *look_up(struct doctor *doctor, const char *host)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char address[HOST_SIZE];
    int rc = getaddrinfo(host, NULL, &hints, &found);
    if (rc || getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, NULL, 0,
                          NI_NUMERICHOST) != 0) {
        doctor_say(doctor, DOCTOR_PROBLEM, "dns",
                   "check the name in 'servers', and the DNS servers of this machine",
                   "'%s' has no address: %s", host, rc ? gai_strerror(rc) : "unknown");
        return NULL;
    }
    doctor_say(doctor, DOCTOR_OK, "dns", NULL, "%s is %s", host, address);
    return found;
}

/* ---- ports ----------------------------------------------------------------------------------- */

/* 0, or the errno that says why not. */
static int try_port(const struct addrinfo *address, const char *port)
{
    struct sockaddr_storage to;
    in_port_t number = htons((in_port_t)strtoul(port, NULL, 10));
    memcpy(&to, address->ai_addr, address->ai_addrlen);
    if (address->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)&to)->sin6_port = number;
    else
        ((struct sockaddr_in *)&to)->sin_port = number;
    CLEANUP(close_fd)
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (struct sockaddr *)&to, address->ai_addrlen) == 0)
        return 0;
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    int why = errno;
    socklen_t size = sizeof why;
    if (why != EINPROGRESS)
        return why;
    if (poll(&item, 1, DOCTOR_PORT_WAIT_S * 1000) != 1)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) == 0 ? why : errno;
}

static bool check_port(struct doctor *doctor, const char *host, const struct addrinfo *found,
                       const char *service, const char *port)
{
    int why = ETIMEDOUT;
    for (const struct addrinfo *one = found; one && why; one = one->ai_next)
        why = try_port(one, port);
    if (why)
        doctor_say(doctor, DOCTOR_PROBLEM, "port",
                   "is the controller running? Let a firewall pass this port",
                   "%s: %s, port %s: %s", host, service, port, strerror(why));
    else
        doctor_say(doctor, DOCTOR_OK, "port", NULL, "%s: %s answers at port %s", host, service,
                   port);
    return why == 0;
}

static bool check_server(struct doctor *doctor, const struct ad_settings *settings,
                         const char *server)
{
    char host[HOST_SIZE];
    bool ldaps = settings->auth == AD_SIMPLE && settings->tls == AD_LDAPS;
    const char *port = split(server, host);
    CLEANUP(free_addresses) struct addrinfo *found = look_up(doctor, host);
    if (!found)
        return false;
    bool good = check_port(doctor, host, found, ldaps ? "LDAPS" : "LDAP",
                           port ? port : (ldaps ? "636" : "389"));
    good = check_port(doctor, host, found, "SMB", "445") && good;
    if (settings->auth == AD_KERBEROS)
        good = check_port(doctor, host, found, "Kerberos", "88") && good;
    return good;
}

const char *doctor_ad_reach(struct doctor *doctor, struct ad_settings *settings)
{
    const char *first = NULL;
    look_up_domain(doctor, settings);
    for (size_t i = 0; i < settings->server_count; i++)
        if (check_server(doctor, settings, settings->servers[i]) && !first)
            first = settings->servers[i];
    return first;
}

/* ---- clock ----------------------------------------------------------------------------------- */

static void unbind(LDAP **handle_p)
{
    if (*handle_p)
        ldap_unbind_ext(*handle_p, NULL, NULL);
}

/* What its root object says, which nobody needs to log in for; 0: nothing. */
static int64_t time_of(LDAP *handle)
{
    char *attributes[] = {(char *)"currentTime", NULL};
    struct timeval wait = {.tv_sec = DOCTOR_PORT_WAIT_S};
    LDAPMessage *answer = NULL;
    int64_t unix_ms = 0;
    int rc = ldap_search_ext_s(handle, "", LDAP_SCOPE_BASE, NULL, attributes, 0, NULL, NULL, &wait,
                               1, &answer);
    LDAPMessage *entry = rc ? NULL : ldap_first_entry(handle, answer);
    struct berval **values = entry ? ldap_get_values_len(handle, entry, attributes[0]) : NULL;
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    struct ldif_record *record;
    if (values && values[0] && ldif && ldif_add(ldif, "root", &record, NULL) == 0 &&
        ldif_put(record, attributes[0], values[0]->bv_val, values[0]->bv_len, NULL) == 0)
        unix_ms = ldif_time(record, attributes[0]);
    ldap_value_free_len(values);
    ldap_msgfree(answer);
    return unix_ms;
}

void doctor_ad_clock(struct doctor *doctor, const struct ad_settings *settings, const char *server)
{
    char url[AD_VALUE_MAX + 16];
    const struct timeval wait = {.tv_sec = DOCTOR_PORT_WAIT_S};
    int version = LDAP_VERSION3;
    CLEANUP(unbind) LDAP *handle = NULL;
    if (settings->auth == AD_SIMPLE && settings->tls == AD_LDAPS)
        return; /* only the certificate cares, and the login tells of that */
    snprintf(url, sizeof url, "ldap://%s", server);
    if (ldap_initialize(&handle, url) != LDAP_SUCCESS)
        return;
    ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &wait);
    int64_t theirs_ms = time_of(handle);
    if (!theirs_ms) {
        doctor_say(doctor, DOCTOR_WARNING, "clock", NULL, "%s does not tell its time", server);
        return;
    }
    int64_t ahead_s = (clock_unix_ms() - theirs_ms) / 1000;
    int64_t skew_s = ahead_s < 0 ? -ahead_s : ahead_s;
    enum doctor_state state = skew_s > SKEW_MAX_S       ? DOCTOR_PROBLEM
                              : skew_s > SKEW_WARNING_S ? DOCTOR_WARNING
                                                        : DOCTOR_OK;
    doctor_say(
        doctor, state, "clock",
        state == DOCTOR_OK ? NULL
                           : "let both follow the same time servers (chrony, systemd-timesyncd): "
                             "Kerberos refuses more than five minutes",
        "this machine is %" PRId64 " s %s %s", skew_s, ahead_s < 0 ? "behind" : "ahead of", server);
}
