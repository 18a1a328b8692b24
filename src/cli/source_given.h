/* What the verbs of `exchange source` are given of how a source is asked. */
#ifndef DETENTE_CLI_SOURCE_GIVEN_H
#define DETENTE_CLI_SOURCE_GIVEN_H

#include "cli/cmd.h"
#include "role/source.h"

struct source_given {
    const struct cli *cli;
    struct source *s; /* its settings are set as far as they are given */
    char *secret;     /* NULL: not given, as all of these */
    size_t secret_len;
    char *ca;
    size_t ca_len;
    struct buf pem;
    bool every;
    bool sightings;
};

/* Reads --user, --password-file, --token-file, --certificate, --key, --ca, --every,
 * --sightings. An exit status; release in any case. */
int source_given_read(struct source_given *g);
bool source_given_any(const struct source_given *g);
/* Copies what was given beside the source of that name.  An exit status. */
int source_given_put(const struct source_given *g, const char *dir, const char *name);
void source_given_release(struct source_given *g);

#endif
