/* Suricata's categories (the descriptions of its classification.config) as RSIT classes.
 * Those that only say "an alert" stay `other`: RSIT's ids-alert means the exploitation of a
 * known vulnerability, which no category of Suricata's claims.  Ours, for an operator to put
 * into classification.config: `Drill` for traffic that is a test, and the name of any class
 * (`vulnerable:vulnerable-system`) for rules that mean just that. */
#include "decode/eve_priv.h"

static const struct {
    const char *category;
    enum event_class class_;
} rows[] = {
    {"Attempted Information Leak", CLASS_SCANNER},
    {"Detection of a Network Scan", CLASS_SCANNER},
    {"Decode of an RPC Query", CLASS_SCANNER},
    {"access to a potentially vulnerable web application", CLASS_SCANNER},
    {"Web Application Attack", CLASS_EXPLOIT},
    {"Attempted Administrator Privilege Gain", CLASS_EXPLOIT},
    {"Attempted User Privilege Gain", CLASS_EXPLOIT},
    {"Unsuccessful User Privilege Gain", CLASS_EXPLOIT},
    {"Executable code was detected", CLASS_EXPLOIT},
    {"Targeted Malicious Activity was Detected", CLASS_EXPLOIT},
    {"Successful Administrator Privilege Gain", CLASS_PRIV_ACCOUNT},
    {"Successful User Privilege Gain", CLASS_UNPRIV_ACCOUNT},
    {"Attempt to login by a default username and password", CLASS_BRUTE_FORCE},
    {"An attempted login using a suspicious username was detected", CLASS_BRUTE_FORCE},
    {"Attempted Denial of Service", CLASS_DOS},
    {"Denial of Service", CLASS_DOS},
    {"Detection of a Denial of Service Attack", CLASS_DOS},
    {"A Network Trojan was detected", CLASS_INFECTED},
    {"Possibly Unwanted Program Detected", CLASS_INFECTED},
    {"Malware Command and Control Activity Detected", CLASS_C2},
    {"Domain Observed Used for C2 Detected", CLASS_C2},
    {"Exploit Kit Activity Detected", CLASS_MALWARE},
    {"Crypto Currency Mining Activity Detected", CLASS_RESOURCES},
    {"Information Leak", CLASS_ACCESS},
    {"Large Scale Information Leak", CLASS_ACCESS},
    {"Successful Credential Theft Detected", CLASS_DATA_LEAK},
    {"Possible Social Engineering Attempted", CLASS_SOCIAL},
    {"Drill", CLASS_TEST},
};

/* Theirs begin with a capital letter. */
static enum event_class
named(struct slice category)
{
    int c = category.len > 0 && category.ptr[0] >= 'a' && category.ptr[0] <= 'z'
                ? event_class_find(category)
                : -1;

    return c < 0 ? CLASS_OTHER : (enum event_class)c;
}

enum event_class
eve_class(struct slice category)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].category[0] == (category.len > 0 ? category.ptr[0] : '\0') &&
            slice_is(category, rows[i].category))
            return rows[i].class_;
    }
    return named(category);
}
