#ifndef DETENTE_NOTE_KEY_PRIV_H
#define DETENTE_NOTE_KEY_PRIV_H

#include "note/key.h"

/* key_name_ok() without the limit of length: names in other people's notes. */
bool key_name_form(struct slice name);

#endif
