#ifndef DETENTE_WEB_WEB_PRIV_H
#define DETENTE_WEB_WEB_PRIV_H

#include <microhttpd.h>

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
};

struct web_listener {
    struct web_server *server;
    struct MHD_Daemon *daemon;
    unsigned port;
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
    struct web_frame *ring[WEB_FRAMES]; /* delta n stands at n % WEB_FRAMES */
    uint64_t seq;                       /* of the next delta */
    uint64_t pos;
    struct web_frame *last; /* snapshot */
    uint64_t last_seq;      /* of the deltas it holds */
    int64_t last_made;      /* mono */
    struct web_frame *beat;
    struct web_stats stats;
};

/* One request on its way. */
struct web_request {
    struct web_server *server;
    struct web_listener *listener;
    struct MHD_Connection *connection;
    struct web_route route;
    struct slice path;
    bool head;
};

/* answer.c: the response to a GET or HEAD that has passed the guards. */
enum MHD_Result web_answer(struct web_request *q);
/* A status with one line of text. */
enum MHD_Result web_refuse(struct web_request *q, unsigned status, const char *text);
/* Queue and release r, with the headers that all answers have. */
enum MHD_Result web_queue(struct web_request *q, unsigned status, struct MHD_Response *r,
                          const char *type, const char *cache);
/* A request header; empty when absent. */
struct slice web_header(struct web_request *q, const char *name);

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
