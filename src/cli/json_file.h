/* A file of JSON that the operator named, as a tree (wire/dom.h). */
#ifndef DETENTE_CLI_JSON_FILE_H
#define DETENTE_CLI_JSON_FILE_H

#include "cli/cmd.h"
#include "wire/dom.h"

struct json_file { /* begins zeroed */
    const struct dom *root;
    char *text;
    struct arena arena;
};
/* At most 256 MB, in memory of at most 1 GB; `-` is standard input.  Reported already when it
 * fails: an exit status.  Release in any case. */
MUST_USE int json_file_read(const char *path, struct json_file *ret);
void json_file_release(struct json_file *j);

#endif
