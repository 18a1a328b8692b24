/* The pact that `pact new` begins with: src/pact/template.yaml as text, with @NAME@, @TITLE@,
 * @DAY@, @FROM@ and @PARTIES@ to be put in. */
#ifndef DETENTE_PACT_TEMPLATE_H
#define DETENTE_PACT_TEMPLATE_H

extern const char pact_template[];

#endif
