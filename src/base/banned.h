/* Force-included everywhere: calls that are never right here do not compile.  strcpy and its
 * kin have no bound, gmtime and strtok have hidden state, atoi hides errors, rand is no
 * random. */
#ifndef DETENTE_BASE_BANNED_H
#define DETENTE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Fortified libc makes some of them macros, which cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gmtime localtime ctime asctime atoi
#pragma GCC poison atol atoll rand srand gets strncpy strncat

#endif
