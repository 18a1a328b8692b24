#include "model/person.h"

static const char *const names[PERSON_ROLES] = {
    [PERSON_NOBODY] = "",
#define ROLE(id, number, name) [number] = (name),
#include "model/role.def"
};

const char *
person_role_name(enum person_role r)
{
    return r > PERSON_NOBODY && r < PERSON_ROLES ? names[r] : "";
}

enum person_role
person_role_find(struct slice name)
{
    for (unsigned r = PERSON_NOBODY + 1; r < PERSON_ROLES; r++) {
        if (slice_is(name, person_role_name((enum person_role)r)))
            return (enum person_role)r;
    }
    return PERSON_NOBODY;
}

bool
person_is_name(struct slice s)
{
    if (s.len == 0 || s.len > PERSON_NAME_MAX || s.ptr[0] < 'a' || s.ptr[0] > 'z')
        return false;
    for (size_t i = 1; i < s.len; i++) {
        char c = s.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '-' &&
            c != '_')
            return false;
    }
    return true;
}

bool
person_ask_ok(const struct person_ask *a)
{
    return a->what >= ASK_WHO && a->what <= ASK_ALERT_ACK && a->role < PERSON_ROLES &&
           a->with.kind <= CREDENTIAL_CERTIFICATE && a->life_us >= 0 &&
           memchr(a->name, '\0', sizeof a->name) != NULL &&
           memchr(a->password, '\0', sizeof a->password) != NULL &&
           memchr(a->party, '\0', sizeof a->party) != NULL &&
           (a->name[0] == '\0' || person_is_name(slice_of(a->name)));
}
