#ifndef DETENTE_WEB_WEB_PRIV_H
#define DETENTE_WEB_WEB_PRIV_H

#include <microhttpd.h>

#include "web/form.h"
#include "web/web.h"

/* Bytes of the stream, shared by all viewers that still send them; immutable, counted. */
struct web_frame {
    unsigned refs;
    size_t len;
    size_t json_at; /* where the object stands, for /api/v1/now */
    size_t json_len;
    char bytes[];
};

/* One live stream.  Owned by its MHD response, which frees it. */
struct web_viewer {
    struct web_server *server;
    struct MHD_Connection *connection;
    struct web_viewer *next;
    struct web_viewer *before;
    struct web_frame *frame; /* being sent; NULL: at a frame's end */
    size_t at;               /* bytes of it that were taken */
    uint64_t seq;            /* the next delta for this viewer */
    int64_t taken;           /* mono, when bytes were last taken */
    bool snapshot;           /* comes before any delta */
    bool suspended;
    bool closed; /* only as long as `with` counts */
    struct person_credential with;
    int64_t looked;          /* mono */
    uint32_t replay;         /* number of a stream of the past, 0: this is a live one … */
    bool over;               /* … that ends behind what it was given */
    struct web_frame *given; /* … and what it gets next */
};

/* How far a request of TAXII is. */
enum web_stage { WEB_NEW, WEB_SIGNING, WEB_READY };

/* A password that was right, by a keyed hash, and the session that came of it. */
struct web_basic {
    struct hash hash;
    struct person_credential with;
};

/* A request with a body, or one that waits for an answer.  Belongs to its connection. */
struct web_body {
    struct web_server *server;
    struct MHD_Connection *connection;
    struct web_body *next; /* of those that wait */
    uint32_t number;       /* 0: nothing was asked */
    int64_t until;         /* mono, as long as it waits */
    bool waits;
    bool answered;
    bool too_long;
    uint32_t what; /* enum person_ask_what */
    struct person_answer answer;
    /* of a request to the witness */
    unsigned told;
    uint64_t told_size;
    char *text; /* what was told, owned; NULL before that */
    /* of TAXII */
    bool taxii;
    bool no_room;
    enum web_stage stage;
    int64_t again; /* mono, when a password is tried again; 0 it is not */
    struct person_ask ask;
    struct hash basic;
    struct person_credential with;
    struct hash spki;
    char *upload; /* owned */
    size_t uploaded;
    size_t upload_room;
    char outcome[37];
    size_t len;
    size_t room;
    char bytes[]; /* room of them */
};

struct web_listener {
    struct web_server *server;
    struct MHD_Daemon *daemon;
    unsigned port;
    bool tls;
    bool closed;
    bool peers;
    char own[ADDR_TEXT + 2]; /* its address as a browser writes it; "" when it is any */
    const char **hosts;      /* those of the options and own */
    unsigned host_count;
};

struct web_server {
    struct web_options options; /* listen: not used after web_open() */
    struct web_source source;
    struct web_listener listener[WEB_LISTEN];
    unsigned listeners;
    int epoll;
    int64_t mono;
    bool closing;
    struct web_viewer *viewers;
    struct web_body *asked; /* wait for an answer */
    unsigned asks;
    uint32_t number;                    /* of the last */
    struct web_frame *ring[WEB_FRAMES]; /* delta n stands at n % WEB_FRAMES */
    uint64_t seq;                       /* of the next delta */
    uint64_t pos;
    struct web_frame *last; /* snapshot */
    uint64_t last_seq;      /* of the deltas it holds */
    int64_t last_made;      /* mono */
    struct web_frame *beat;
    struct web_stats stats;
    size_t sending; /* bytes of large answers that were not taken yet */
    size_t uploads; /* bytes of room of TAXII's bodies */
    struct web_basic basic[WEB_BASICS];
    unsigned basic_next;
};

/* One request on its way. */
struct web_request {
    struct web_server *server;
    struct web_listener *listener;
    struct MHD_Connection *connection;
    struct web_route route;
    struct slice path;
    unsigned method; /* enum web_method; 0 any other */
    bool head;
    struct web_body *body; /* NULL: GET and HEAD have none */
};

/* answer.c: the response to a GET or HEAD that has passed the guards. */
enum MHD_Result web_answer(struct web_request *q);
/* A status with one line of text. */
enum MHD_Result web_refuse(struct web_request *q, unsigned status, const char *text);
/* The same with a packed sentence (words.h): on a page in the language that is asked for, by
 * `lang` or else by the browser; on what programs ask for in English. */
enum MHD_Result web_refuse_words(struct web_request *q, unsigned status, const char *packed);
/* Queue and release r, with the headers that all answers have. */
enum MHD_Result web_queue(struct web_request *q, unsigned status, struct MHD_Response *r,
                          const char *type, const char *cache);
/* A request header; empty when absent. */
struct slice web_header(struct web_request *q, const char *name);

/* session.c: who asks, and what they may. */
/* What the request shows, best first, into ret[2]; gives how many. */
unsigned web_shown(struct web_request *q, struct person_credential ret[2]);
/* Whose request it is: 0 with *ret and the credential that counts, or ERR_AUTH. */
MUST_USE int web_who(struct web_request *q, struct person_answer *ret,
                     struct person_credential *ret_with);
/* 0, or a response is queued: 401 when this is not for everybody. */
unsigned web_guard_person(struct web_request *q);
/* An error of people: JSON with a name that the page has words for. */
enum MHD_Result web_refuse_named(struct web_request *q, unsigned status, const char *name,
                                 uint32_t wait_s);
/* WEB_SAY. */
enum MHD_Result web_say(struct web_request *q);
/* WEB_ADD_CHECKPOINT. */
enum MHD_Result web_add_checkpoint(struct web_request *q);
/* WEB_SESSION and WEB_PASSWORD. */
enum MHD_Result web_session(struct web_request *q);
struct web_body *web_body_new(struct web_request *q); /* NULL when out of memory */
void web_body_free(struct web_body *b);
/* Give up what waits for too long; gives when to do it again. */
int64_t web_session_step(struct web_server *s);
void web_session_close(struct web_server *s);
/* Ask, and suspend the connection for so long; false: nobody is there to be asked. */
bool web_ask(struct web_request *q, const struct person_ask *what, int seconds);
/* Suspend it until what was asked under the newest number is answered. */
enum MHD_Result web_wait(struct web_request *q, int seconds);
uint32_t web_next_number(struct web_server *s);
struct addr web_client(const struct web_request *q);

/* taxii.c: at the headers, for each piece of the body, and with n 0 when all is there. */
enum MHD_Result web_taxii(struct web_request *q, const char *upload, size_t n);
/* A response of what a callback made; b is empty afterwards. */
struct MHD_Response *web_body_response(struct web_server *server, struct buf *b);

/* tls.c */
enum { WEB_TLS_OPTIONS = 8 };
/* The options of a listener with TLS into ret[WEB_TLS_OPTIONS], ended.  peers: who shows no
 * certificate does not get in. */
void web_tls_options(struct web_server *s, bool peers, struct MHD_OptionItem *ret);
/* SHA-256 of the SubjectPublicKeyInfo of the certificate that the client showed, whose key it
 * proved to have; false: none, or one that cannot be read. */
bool web_spki(struct web_request *q, struct hash *ret);
/* The fingerprint of the client's certificate, if it showed one. */
bool web_certificate(struct web_request *q, struct person_credential *ret);

/* live.c */
enum MHD_Result web_live(struct web_request *q);
/* The present snapshot, borrowed until the next call; NULL when the source fails. */
struct web_frame *web_snapshot(struct web_server *s);
/* Wake those that have something to send or were silent too long; gives when to do it again. */
int64_t web_live_step(struct web_server *s);
/* End all streams. */
void web_live_close(struct web_server *s);
void web_frame_release(struct web_frame *f);

#endif
