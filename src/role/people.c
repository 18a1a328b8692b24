#include "role/people.h"

#include <sodium.h>
#include <stdio.h>

#define EVERYBODY \
    (1U << PERSON_VIEWER | 1U << PERSON_ANALYST | 1U << PERSON_APPROVER | 1U << PERSON_AUDITOR)
/* … and programs that get and give objects, and see nothing else of the node. */
#define WITH_EXCHANGE (EVERYBODY | 1U << PERSON_EXCHANGE)

static const struct {
    const char *action;
    unsigned roles;
} rights[] = {
    {"node.read", EVERYBODY},
    {"exchange.use", WITH_EXCHANGE},
    {"session.open", WITH_EXCHANGE},
    {"session.close", WITH_EXCHANGE},
    {"password.set", WITH_EXCHANGE},
    {"alert.ack", 1U << PERSON_ANALYST | 1U << PERSON_APPROVER},
    {"incident.say", 1U << PERSON_APPROVER},
};

bool
people_may(enum person_role role, const char *action)
{
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
        if (strcmp(rights[i].action, action) == 0)
            return role > PERSON_NOBODY && role < PERSON_ROLES &&
                   (rights[i].roles & 1U << role) != 0;
    }
    return false;
}

void
people_open(struct people *p, struct engine *e, struct store *s, const struct env *env,
            struct waits *waits)
{
    BUG_ON(sodium_init() < 0);
    *p = (struct people){.engine = e, .store = s, .env = env};
    p->waits = waits == NULL ? &p->own : waits;
}

/* One request on its way. */
struct work {
    struct people *p;
    const struct person_ask *ask;
    struct person_answer *answer;
    struct store_person who;          /* whom it is about */
    struct hash with;                 /* of what was shown */
    struct hash fresh;                /* of what is made */
    enum person_credential_kind kind; /* of what is made */
    int64_t life_us;
    char hashed[PERSON_PASSWORD];
    uint64_t object; /* number of who, for the leaf */
    struct errinfo *ei;
};

static int64_t
mono(const struct people *p)
{
    return p->env->now_mono(p->env->self);
}

static struct hash
hash_of(const uint8_t secret[PERSON_SECRET])
{
    return sha256_of(secret, PERSON_SECRET);
}

/* What stands in the store for a credential: a certificate's fingerprint is no secret. */
static struct hash
hash_shown(const struct person_credential *with)
{
    struct hash h;

    if (with->kind != CREDENTIAL_CERTIFICATE)
        return hash_of(with->secret);
    memcpy(h.byte, with->secret, sizeof h.byte);
    return h;
}

int
people_look_for(struct store *s, const struct person_credential *with, struct utime now,
                const char *action, struct people_seen *ret)
{
    struct store_access a;
    struct hash h = hash_shown(with);
    int r;

    *ret = (struct people_seen){.touch = false};
    if (with->kind != CREDENTIAL_SESSION && with->kind != CREDENTIAL_TOKEN &&
        with->kind != CREDENTIAL_CERTIFICATE)
        return ERR_AUTH;
    r = store_find_access(s, (enum person_credential_kind)with->kind, &h, now, &a, &ret->who);
    if (r < 0)
        return r == ERR_NOTFOUND ? ERR_AUTH : r;
    ret->until = a.until;
    ret->touch = now.us - a.seen.us >= PEOPLE_TOUCH_US;
    return people_may(ret->who.role, action) ? 0 : ERR_AUTH;
}

int
people_look(struct store *s, const struct person_credential *with, struct utime now,
            struct store_person *ret, struct utime *ret_until, bool *ret_touch)
{
    struct people_seen seen;
    int r = people_look_for(s, with, now, "node.read", &seen);

    *ret = seen.who;
    *ret_until = seen.until;
    *ret_touch = seen.touch;
    return r;
}

static void
tell_who(struct person_answer *to, const struct store_person *who)
{
    to->role = who->role;
    to->kind = who->kind;
    (void)snprintf(to->name, sizeof to->name, "%s", who->name);
}

/* ---- changes, each inside the transaction of its act ------------------------------------ */

static int
add_access(struct work *w, struct store *s, struct utime now)
{
    struct store_access a = {.hash = w->fresh,
                             .kind = w->kind,
                             .person = w->who.id,
                             .made = now,
                             .until = {now.us + w->life_us},
                             .seen = now};

    w->answer->until = a.until;
    return store_add_access(s, &a);
}

static int
change_sign_in(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;
    int r = 1;

    if (w->ask->what == ASK_LINK)
        r = store_take_access(s, &w->with);
    if (r <= 0)
        return r < 0 ? r : ERR_AUTH;
    return add_access(w, s, now);
}

static int
change_sign_out(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;
    int r = store_take_access(s, &w->with);

    (void)now;
    return r == 0 ? ERR_AUTH : r < 0 ? r : 0;
}

static int
change_password(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;

    (void)now;
    return store_set_password(s, w->who.id, w->hashed, &w->with);
}

static int
change_user_add(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;
    int r;

    w->who.made = now;
    r = store_add_person(s, &w->who);
    w->object = (uint64_t)w->who.id;
    if (r == 0 && w->hashed[0] != '\0')
        r = store_set_password(s, w->who.id, w->hashed, NULL);
    if (r == 0 && w->ask->party[0] != '\0')
        r = store_set_party(s, w->who.id, slice_of(w->ask->party));
    return r;
}

static int
change_user_link(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;
    int r = store_drop_access(s, w->who.id, CREDENTIAL_LINK);

    return r < 0 ? r : add_access(w, s, now);
}

static int
change_revoke(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;

    return store_revoke_person(s, w->who.id, now);
}

static int
change_cert(void *arg, struct store *s, struct utime now)
{
    return add_access(arg, s, now);
}

static int
change_token_add(void *arg, struct store *s, struct utime now)
{
    struct work *w = arg;
    int r;

    w->who.until.us = now.us + w->life_us;
    r = change_user_add(w, s, now);
    return r < 0 ? r : add_access(w, s, now);
}

/* ---- acts ----------------------------------------------------------------------------- */

/* What an act is about: the person, or what they name. */
static uint64_t
object_of(const struct work *w)
{
    return w->ask->what == ASK_ALERT_ACK ? w->ask->object : (uint64_t)w->who.id;
}

/* By whom, as an opening names them: people by their name, scripts as `token:NAME`. */
static int
act(struct work *w, const char *action, int (*change)(void *, struct store *, struct utime))
{
    char user[PERSON_USER];
    struct engine_act a = {.user = {user, 0},
                           .role = slice_of(person_role_name(w->who.role)),
                           .action = action,
                           .object = &w->object,
                           .change = change,
                           .arg = w};

    if (!people_may(w->who.role, action))
        return ERR_AUTH;
    (void)snprintf(user, sizeof user, "%s%s", w->who.kind == PERSON_TOKEN ? "token:" : "",
                   w->who.name);
    a.user = slice_of(user);
    (void)snprintf(w->answer->by, sizeof w->answer->by, "%s", user);
    w->object = object_of(w);
    return engine_do(w->p->engine, &a, w->ei);
}

static void
make_secret(struct work *w, enum person_credential_kind kind, int64_t life_us)
{
    w->p->env->random(w->p->env->self, w->answer->secret, PERSON_SECRET);
    w->fresh = hash_of(w->answer->secret);
    w->kind = kind;
    w->life_us = life_us;
}

/* Nothing that was made is told when it was not to be. */
static int
open_session(struct work *w)
{
    int r;

    make_secret(w, CREDENTIAL_SESSION, PERSON_SESSION_US);
    r = act(w, "session.open", change_sign_in);
    if (r == 0)
        tell_who(w->answer, &w->who);
    return r;
}

static int
find_shown(struct work *w, enum person_credential_kind kind)
{
    struct store_access a;
    struct utime now = w->p->env->now_wall(w->p->env->self);
    int r;

    if (w->ask->with.kind != (uint32_t)kind)
        return ERR_AUTH;
    w->with = hash_shown(&w->ask->with);
    r = store_find_access(w->p->store, kind, &w->with, now, &a, &w->who);
    if (r == 0)
        w->answer->until = a.until;
    return r == ERR_NOTFOUND ? ERR_AUTH : r;
}

static int
sign_in_link(struct work *w)
{
    int r = find_shown(w, CREDENTIAL_LINK);

    return r < 0 ? r : open_session(w);
}

/* Keeps the last use; that is no act, and a full disk is no reason to send anybody away. */
static int
touch(struct work *w)
{
    struct store *s = w->p->store;
    int r = store_begin(s);

    if (r == 0)
        r = store_touch_access(s, &w->with, w->p->env->now_wall(w->p->env->self));
    if (r == 0)
        r = store_commit(s);
    if (r < 0)
        store_rollback(s);
    return r == ERR_FULL || r == ERR_BUSY ? 0 : r;
}

static int
who(struct work *w)
{
    struct utime now = w->p->env->now_wall(w->p->env->self);
    struct people_seen seen;
    int r = people_look_for(w->p->store, &w->ask->with, now, "exchange.use", &seen);

    if (r < 0)
        return r;
    w->who = seen.who;
    w->answer->until = seen.until;
    w->with = hash_shown(&w->ask->with);
    tell_who(w->answer, &w->who);
    return seen.touch ? touch(w) : 0;
}

static int
sign_out(struct work *w)
{
    int r = find_shown(w, CREDENTIAL_SESSION);

    return r < 0 ? r : act(w, "session.close", change_sign_out);
}

static int
change_nothing(void *arg, struct store *s, struct utime now)
{
    (void)arg;
    (void)s;
    (void)now;
    return 0;
}

/* The act is the leaf: the courier keeps what it means.  Whoever is known, but in another role,
 * hears that. */
/* One whose row another took has acknowledged least of late. */
static bool
may_ack_now(struct people *p, int64_t person)
{
    int64_t now = p->env->now_mono(p->env->self);
    unsigned row = 0;

    for (unsigned i = 0; i < PEOPLE_BUSY && p->busy[row].person != person; i++) {
        if (p->busy[i].person == person || p->busy[i].full < p->busy[row].full)
            row = i;
    }
    if (p->busy[row].person != person || p->busy[row].full < now)
        p->busy[row].full = now;
    p->busy[row].person = person;
    if (p->busy[row].full - now >= (int64_t)PEOPLE_ACKS * PEOPLE_ACK_US)
        return false;
    p->busy[row].full += PEOPLE_ACK_US;
    return true;
}

static int
ack_alert(struct work *w)
{
    enum person_credential_kind kind = (enum person_credential_kind)w->ask->with.kind;
    int r;

    if (w->ask->object == 0)
        return ERR_INVALID;
    if (kind != CREDENTIAL_SESSION && kind != CREDENTIAL_TOKEN &&
        kind != CREDENTIAL_CERTIFICATE)
        return ERR_AUTH;
    r = find_shown(w, kind);
    if (r == 0)
        tell_who(w->answer, &w->who);
    if (r == 0 && people_may(w->who.role, "alert.ack") && !may_ack_now(w->p, w->who.id))
        r = ERR_BUSY;
    return r < 0 ? r : act(w, "alert.ack", change_nothing);
}

/* ---- passwords ------------------------------------------------------------------------ */

static int
hash_password(const char *password, char to[PERSON_PASSWORD])
{
    _Static_assert(crypto_pwhash_STRBYTES <= PERSON_PASSWORD, "room for a hashed password");
    return crypto_pwhash_str(to, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) < 0
               ? ERR_NOMEM
               : 0;
}

/* A name that is none, or has no password, takes as long as another. */
static int
sign_in_password(struct work *w)
{
    struct people *p = w->p;
    const char *password = w->ask->password;
    const char *hashed = w->who.password;
    bool right;
    int r;

    w->answer->wait_s = waits_left(p->waits, &w->ask->from, w->ask->name, mono(p));
    if (w->answer->wait_s > 0)
        return ERR_BUSY;
    if (p->dummy[0] == '\0' && hash_password("nobody's", p->dummy) < 0)
        return ERR_BUSY;
    r = store_find_person(p->store, PERSON_HUMAN, w->ask->name, &w->who);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r == ERR_NOTFOUND || hashed[0] == '\0')
        hashed = p->dummy;
    right =
        crypto_pwhash_str_verify(hashed, password, strlen(password)) == 0 && hashed != p->dummy;
    waits_note(p->waits, &w->ask->from, w->ask->name, mono(p), right);
    return right ? open_session(w) : ERR_AUTH;
}

static int
set_password(struct work *w)
{
    size_t len = strlen(w->ask->password);
    int r = find_shown(w, CREDENTIAL_SESSION);

    if (r < 0)
        return r;
    if (len < PASSWORD_MIN)
        return ERR_INVALID;
    if (w->p->hashed != 0 && mono(w->p) - w->p->hashed < WAIT_TRY_US) {
        w->answer->wait_s = 1; /* of who is signed in; who tries passwords is not waited for */
        return ERR_BUSY;
    }
    w->p->hashed = mono(w->p);
    r = hash_password(w->ask->password, w->hashed);
    return r < 0 ? ERR_BUSY : act(w, "password.set", change_password);
}

/* ---- what the command line asks -------------------------------------------------------- */

struct order {
    const char *action;
    int (*change)(void *arg, struct store *s, struct utime now);
    enum person_kind kind;
    bool is_new; /* the name must not be there; else it must */
    enum person_credential_kind makes;
    int64_t life_us; /* 0: as asked */
};

static const struct order orders[] = {
    [ASK_USER_ADD] = {"user.add", change_user_add, PERSON_HUMAN, true, CREDENTIAL_NONE, 0},
    [ASK_USER_LINK] = {"user.link", change_user_link, PERSON_HUMAN, false, CREDENTIAL_LINK,
                       PERSON_LINK_US},
    [ASK_USER_REVOKE] = {"user.revoke", change_revoke, PERSON_HUMAN, false, CREDENTIAL_NONE, 0},
    [ASK_USER_CERT] = {"user.cert", change_cert, PERSON_HUMAN, false, CREDENTIAL_CERTIFICATE,
                       0},
    [ASK_TOKEN_ADD] = {"token.add", change_token_add, PERSON_TOKEN, true, CREDENTIAL_TOKEN, 0},
    [ASK_TOKEN_REVOKE] = {"token.revoke", change_revoke, PERSON_TOKEN, false, CREDENTIAL_NONE,
                          0},
    [ASK_ALERT_ACK] = {"alert.ack", change_nothing, PERSON_HUMAN, false, CREDENTIAL_NONE, 0},
};

static int
prepare_order(struct work *w, const struct order *o)
{
    int r = 0;

    if (w->ask->what == ASK_ALERT_ACK)
        return w->ask->object == 0 ? ERR_INVALID : 0;
    if (w->ask->name[0] == '\0' || (o->is_new && w->ask->role == PERSON_NOBODY) ||
        (o->makes != CREDENTIAL_NONE && o->life_us == 0 && w->ask->life_us == 0))
        return ERR_INVALID;
    if (o->is_new) {
        w->who = (struct store_person){.kind = o->kind, .role = (enum person_role)w->ask->role};
        (void)snprintf(w->who.name, sizeof w->who.name, "%s", w->ask->name);
        if (w->ask->password[0] != '\0' && hash_password(w->ask->password, w->hashed) < 0)
            return ERR_BUSY;
    } else {
        r = store_find_person(w->p->store, o->kind, w->ask->name, &w->who);
    }
    if (r == 0 && o->makes == CREDENTIAL_CERTIFICATE) {
        w->fresh = hash_shown(&w->ask->with);
        w->kind = o->makes;
        w->life_us = w->ask->life_us;
        r = w->ask->with.kind == CREDENTIAL_CERTIFICATE ? 0 : ERR_INVALID;
    } else if (r == 0 && o->makes != CREDENTIAL_NONE) {
        make_secret(w, o->makes, o->life_us == 0 ? w->ask->life_us : o->life_us);
    }
    return r;
}

static int
order(struct work *w, const char *user)
{
    const struct order *o = &orders[w->ask->what];
    char name[PERSON_USER];
    struct engine_act a = {.role = SLICE("operator"),
                           .action = o->action,
                           .object = &w->object,
                           .change = o->change,
                           .arg = w};
    int r = prepare_order(w, o);

    if (r < 0)
        return r;
    (void)snprintf(name, sizeof name, "local:%s", user);
    a.user = slice_of(name);
    (void)snprintf(w->answer->by, sizeof w->answer->by, "%s", name);
    w->object = object_of(w);
    r = engine_do(w->p->engine, &a, w->ei);
    if (r == 0)
        tell_who(w->answer, &w->who);
    return r;
}

/* ---- the two doors --------------------------------------------------------------------- */

/* Refusals are answers; all else ends the engine. */
static int
conclude(struct work *w, int r)
{
    if (r < 0)
        sodium_memzero(w->answer->secret, PERSON_SECRET);
    sodium_memzero(w->hashed, sizeof w->hashed);
    w->answer->status = r;
    switch (r) {
    case ERR_AUTH:
    case ERR_BUSY:
    case ERR_NOTFOUND:
    case ERR_CONF:
    case ERR_INVALID:
    case ERR_LIMIT:
    case ERR_FULL: return 0;
    default: return r < 0 ? r : 0;
    }
}

static int
answer_ask(struct work *w)
{
    switch ((enum person_ask_what)w->ask->what) {
    case ASK_WHO: return who(w);
    case ASK_LINK: return sign_in_link(w);
    case ASK_PASSWORD: return sign_in_password(w);
    case ASK_SIGN_OUT: return sign_out(w);
    case ASK_SET_PASSWORD: return set_password(w);
    case ASK_ALERT_ACK: return ack_alert(w);
    case ASK_USER_ADD:
    case ASK_USER_LINK:
    case ASK_USER_REVOKE:
    case ASK_USER_CERT:
    case ASK_TOKEN_ADD:
    case ASK_TOKEN_REVOKE: break;
    }
    return ERR_AUTH;
}

int
people_ask(struct people *p, const struct person_ask *ask, struct person_answer *ret,
           struct errinfo *ei)
{
    struct work w = {.p = p, .ask = ask, .answer = ret, .ei = ei};

    *ret = (struct person_answer){0};
    return conclude(&w, person_ask_ok(ask) ? answer_ask(&w) : ERR_INVALID);
}

int
people_order(struct people *p, const char *user, const struct person_ask *ask,
             struct person_answer *ret, struct errinfo *ei)
{
    struct work w = {.p = p, .ask = ask, .answer = ret, .ei = ei};

    *ret = (struct person_answer){0};
    if (!person_ask_ok(ask))
        return conclude(&w, ERR_INVALID);
    return conclude(&w, ask->what >= ASK_USER_ADD ? order(&w, user) : ERR_AUTH);
}
