/* The page's files, generated into C at build time (web/build.mjs) and held in the binary. */
#ifndef DETENTE_WEB_ASSETS_H
#define DETENTE_WEB_ASSETS_H

#include <stddef.h>

struct web_asset {
    const char *path; /* "/", "/assets/app.1f2e3d4c.js" */
    const char *type; /* content type */
    const char *etag; /* with its quotes */
    int immutable;    /* the name changes with the content */
    const unsigned char *raw;
    size_t raw_len;
    const unsigned char *gz; /* the same, gzip */
    size_t gz_len;
};

extern const struct web_asset web_assets[]; /* ascending by path */
extern const size_t web_assets_count;

#endif
