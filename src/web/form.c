/* The bodies of requests: what somebody wants, as JSON, into the form in which it is asked. */
#include "web/form.h"

#include "wire/base64.h"
#include "wire/jcs.h"

enum { CANONICAL_MAX = 4 * FORM_MAX };

/* A text without escapes that had to be resolved is enough for names and secrets; a password is
 * any text. */
static bool
take_password(struct slice value, struct person_ask *ask)
{
    AUTO_BUF(text, PASSWORD_MAX);
    bool good = jcs_kind(value) == JCS_STRING && jcs_string(value, &text) == 0 &&
                buf_error(&text) == 0 && text.len > 0;

    if (good)
        memcpy(ask->password, text.ptr, text.len);
    if (text.ptr != NULL)
        explicit_bzero(text.ptr, text.room);
    return good;
}

static bool
take_link(struct slice value, struct person_ask *ask)
{
    struct slice text;

    ask->with.kind = CREDENTIAL_LINK;
    return jcs_plain(value, &text) == 0 &&
           base64url_exact(text, ask->with.secret, sizeof ask->with.secret) == 0;
}

static bool
take_user(struct slice value, struct person_ask *ask)
{
    struct slice text;

    if (jcs_plain(value, &text) < 0 || !person_is_name(text))
        return false;
    memcpy(ask->name, text.ptr, text.len);
    return true;
}

/* Exactly the members of one of the forms. */
static bool
read_form(enum web_what what, struct slice object, struct person_ask *ask)
{
    struct slice link;
    struct slice user;
    struct slice password;
    size_t n;

    if (jcs_kind(object) != JCS_OBJECT)
        return false;
    n = jcs_count(object);
    if (what == WEB_PASSWORD) {
        ask->what = ASK_SET_PASSWORD;
        return n == 1 && jcs_find(object, "password", &password) &&
               take_password(password, ask);
    }
    if (n == 1 && jcs_find(object, "link", &link)) {
        ask->what = ASK_LINK;
        return take_link(link, ask);
    }
    ask->what = ASK_PASSWORD;
    return n == 2 && jcs_find(object, "user", &user) &&
           jcs_find(object, "password", &password) && take_user(user, ask) &&
           take_password(password, ask);
}

int
web_form_read(enum web_what what, struct slice body, struct person_ask *ret)
{
    AUTO_BUF(canonical, CANONICAL_MAX);
    struct person_ask ask = {0};
    bool good = body.len <= FORM_MAX && jcs_canonical(body, &canonical, NULL) == JCS_OK &&
                read_form(what, buf_get(&canonical), &ask);

    if (canonical.ptr != NULL)
        explicit_bzero(canonical.ptr, canonical.room);
    if (good)
        *ret = ask;
    explicit_bzero(&ask, sizeof ask);
    return good ? 0 : ERR_INVALID;
}
