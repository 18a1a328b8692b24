/* Bodies of requests: what is taken is of the form in which the engine is asked, says nothing
 * that only the command line may ask, and no body is taken for two things. */
#include "web/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct person_ask session = {0};
    struct person_ask password = {0};
    bool a = web_form_read(WEB_SESSION, in, &session) == 0;
    bool b = web_form_read(WEB_PASSWORD, in, &password) == 0;

    BUG_ON(a && b);
    BUG_ON(!a && session.what != 0);
    if (a) {
        BUG_ON(!person_ask_ok(&session));
        BUG_ON(session.what != ASK_LINK && session.what != ASK_PASSWORD);
        BUG_ON(session.role != 0 || session.life_us != 0);
        BUG_ON((session.what == ASK_LINK) != (session.with.kind == CREDENTIAL_LINK));
        BUG_ON((session.what == ASK_LINK) != (session.name[0] == '\0'));
    }
    if (b)
        BUG_ON(!person_ask_ok(&password) || password.what != ASK_SET_PASSWORD ||
               password.name[0] != '\0' || password.password[0] == '\0');
    return 0;
}
