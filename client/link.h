/*
 * link.h - a client's connection: a DEALER for requests, a SUB for status frames, and a monitor
 * that says whether a broker is there.
 *
 * Nothing here blocks. The hello is sent with every new connection; its welcome connects the SUB.
 */
#ifndef GPMQ_LINK_H
#define GPMQ_LINK_H

#include "codec.h"
#include "curve.h"
#include "gpmq/client.h"

#define LINK_URL_SIZE 512
#define LINK_HELLO_MS 1000 /* a hello that is not answered is sent again */

struct link {
    void *control; /* DEALER */
    void *status;  /* SUB, not connected before the first welcome */
    void *monitor; /* PAIR with events of control */
    char broker[LINK_URL_SIZE];
    char status_url[LINK_URL_SIZE]; /* "": not connected yet */
    char name[GPMQ_NAME_MAX + 1];
    bool encrypted;
    struct curve_key key;
    struct curve_key server;
    bool connected;       /* the handshake is done, the connection stands */
    bool welcomed;        /* on this connection */
    bool ever_welcomed;   /* on any */
    bool refused;         /* our key was not accepted */
    bool key_wanted;      /* the broker wants a key, we have none; or the other way round */
    bool shaken;          /* a handshake failed otherwise */
    int64_t hello_ms;     /* when the hello was sent */
    int64_t heard_ms;     /* when the broker last said anything */
    int64_t keepalive_ms; /* of its welcome */
    uint64_t generation;  /* rises with every welcome */
    uint64_t request;     /* number of the last request */
    msgpack_sbuffer buffer;
};

/* Makes the sockets and begins to connect. *link is zero before; let go with link_close(). */
int link_open(struct link *link, void *context, const struct gpmq_client_options *options,
              struct gpmq_error *err) GPMQ_CHECKED;
void link_close(struct link *link);

/* Takes what the monitor has to say; sends the hello when it is due. */
void link_tend(struct link *link, int64_t now_ms);
/* The welcome has come: connects the SUB to where it says. */
void link_welcome(struct link *link, const struct msg_welcome *welcome);

/* Encodes and sends one message under its number. GPMQ_EBUSY: no connection stands now. */
int link_send(struct link *link, const struct message *message) GPMQ_CHECKED;
/* As link_send(), for what is done again later anyway if it does not get through. */
void link_try(struct link *link, const struct message *message);

/* What to say when no answer has come in time. */
int link_no_answer(const struct link *link, int64_t since_ms, int64_t timeout_ms,
                   struct gpmq_error *err);
/* 0, or GPMQ_EDENIED: waiting on is of no use. */
int link_denied(const struct link *link, struct gpmq_error *err);

/* Where to subscribe: `given` by the welcome of the broker at `control`. It is complete, or tells
 * only the port, or is empty: then the port is the control port and one. false: there is none. */
bool link_status_url(const char *control, const char *given, char out[LINK_URL_SIZE]);

#endif
