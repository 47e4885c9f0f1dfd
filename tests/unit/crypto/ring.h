/* A keyring of made-up keys for the tests of this folder, with an older and a current key where there can be two. */
#ifndef TEST_RING_H
#define TEST_RING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "crypto/keyring.h"

#define RING_OLD_SEAL "seal old-1 D3iYsrxbfxxwNV85Iu-meslr1ubCH1JsVvSsMSckrBg\n"
#define RING_NEW_SEAL "seal new-2 q4mqrmTcQrdUFA9lXKOkIOsmBbTELr1LH2AwJF2fgkE\n"
#define RING_OLD_TOKEN "token t1 tSxD7_50coO1Do8NCnZqDAmayGhyjZ3G5I3qa3pLU10\n"
#define RING_NEW_TOKEN "token t2 _Ru2mf33AI_HF4QFHknmlJzoInCwq_HbZ_y4qi826fU\n"
#define RING_INDEX "index i1 baO_iUNn9Z7GiQk42qfEPAJrZXskXZytRP0ErZlirXQ\n"
#define RING_OTHER_INDEX "index i1 TeVKS-XBQ4-xiifJZJVAL16qXaoiJ4EOh3Q12Naapd8\n"
#define RING_OTHER_TOKEN "token t1 AvOLoybT6dqReQ_J5jUy1myd9bcqLscK0WeDob-SsO8\n"
#define RING_TEXT RING_OLD_SEAL RING_NEW_SEAL RING_OLD_TOKEN RING_NEW_TOKEN RING_INDEX

static inline struct keyring *ring_of(const char *text) {
        struct keyring *keyring = NULL;
        struct keyring_fault fault = { 0 };
        if (keyring_parse(text, strlen(text), &keyring, &fault) != 0)
                fail_msg("line %u: %s", fault.line, fault.reason);
        return keyring;
}

static inline struct keyring *ring(void) {
        return ring_of(RING_TEXT);
}

#define WITH_RING _cleanup_(keyring_free_p) struct keyring *keyring = ring()

#endif
