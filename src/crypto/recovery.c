#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "crypto/totp.h"
#include "secret.h"

/* Without 0, 1, i, l and o, which are misread on paper. */
static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";
enum { BASE = sizeof alphabet - 1, CHARACTERS = 12, GROUP = 4 };
_Static_assert(RECOVERY_CODE_TEXT == CHARACTERS + CHARACTERS / GROUP - 1 + 1, "groups of four with hyphens between");

static void code_new(char ret_code[static RECOVERY_CODE_TEXT]) {
        char *out = ret_code;
        for (int i = 0; i < CHARACTERS;) {
                unsigned char byte;
                random_bytes(&byte, 1);
                if (byte >= 256 / BASE * BASE) /* or the first characters would be likelier */
                        continue;
                if (i && i % GROUP == 0)
                        *out++ = '-';
                *out++ = alphabet[byte % BASE];
                i++;
        }
        *out = '\0';
}

void recovery_codes_new(char ret_codes[static RECOVERY_CODES][RECOVERY_CODE_TEXT]) {
        for (int i = 0; i < RECOVERY_CODES; i++) {
                bool again;
                do {
                        code_new(ret_codes[i]);
                        again = false;
                        for (int k = 0; k < i; k++)
                                again |= strcmp(ret_codes[k], ret_codes[i]) == 0;
                } while (again);
        }
}

static bool normalise(const char *code, char ret_plain[static CHARACTERS + 1]) {
        size_t n = 0;
        for (; *code; code++) {
                if (*code == '-' || *code == ' ')
                        continue;
                char c = *code >= 'A' && *code <= 'Z' ? (char) (*code | 0x20) : *code;
                if (n == CHARACTERS || !strchr(alphabet, c))
                        return false;
                ret_plain[n++] = c;
        }
        ret_plain[n] = '\0';
        return n == CHARACTERS;
}

int recovery_code_hash(const struct keyring *keyring, const char *account, const char *code,
                       char ret_hash[static SHA256_HEX]) {
        char plain[CHARACTERS + 1];
        unsigned char mac[SHA256_SIZE];
        if (!normalise(code, plain))
                return TOTP_WRONG;
        _cleanup_secret_ struct buffer message = { 0 };
        /* The code has one length, so the account behind it can have any. */
        buffer_append_format(&message, "recovery/%s%s", plain, account);
        const struct keyring_key *key = keyring_current(keyring, KEYRING_INDEX);
        digest_hmac_sha256(key->key, sizeof key->key, message.data, message.size, mac);
        hex_encode(mac, sizeof mac, ret_hash);
        memory_erase(plain, sizeof plain);
        return 0;
}
