/* Bearer tokens without signing in: `token KEY_FILE COUNT` prints lines "TEXT HASH". A session row with the hash makes
 * one good. */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/token.h"

int main(int argc, char **argv) {
        _cleanup_(keyring_free_p) struct keyring *keyring = NULL;
        struct keyring_fault fault = { 0 };
        if (argc != 3 || keyring_load(argv[1], &keyring, &fault) < 0) {
                fprintf(stderr, "token KEY_FILE COUNT: %s\n", fault.reason ? fault.reason : "the keys cannot be read");
                return 1;
        }
        for (unsigned long n = strtoul(argv[2], NULL, 10); n > 0; n--) {
                char text[TOKEN_TEXT], hash[SHA256_HEX];
                token_new(keyring, TOKEN_BEARER, text, hash);
                printf("%s %s\n", text, hash);
        }
        return 0;
}
