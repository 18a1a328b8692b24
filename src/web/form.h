/* What the body of a request asks for.  Pure. */
#ifndef DETENTE_WEB_FORM_H
#define DETENTE_WEB_FORM_H

#include "model/person.h"
#include "web/request.h"

enum { FORM_MAX = 2048 /* bytes of a body */ };

/* WEB_SESSION: `{"link":…}` or `{"user":…,"password":…}`; WEB_PASSWORD: `{"password":…}`; JSON
 * with exactly these members.  ERR_INVALID: it is none of them, *ret is untouched.  The caller
 * wipes body and *ret: they may hold a password. */
MUST_USE int web_form_read(enum web_what what, struct slice body, struct person_ask *ret);

#endif
