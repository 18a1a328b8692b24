/* Between the files of objects.h. */
#ifndef DETENTE_ROLE_OBJECTS_PRIV_H
#define DETENTE_ROLE_OBJECTS_PRIV_H

#include "role/objects.h"

/* Can it stand in JSON as it is? */
static inline bool
objects_is_plain(struct slice s, size_t most)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~' || s.ptr[i] == '"' || s.ptr[i] == '\\')
            return false;
    }
    return s.len <= most;
}

#endif
