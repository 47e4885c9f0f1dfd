#include <stdint.h>
#include <string.h>

#include "crypto/password.h"
#include "fold.h"
#include "secret.h"

enum { PART_MIN = 4, TEXT_MAX = 1024 };

static const char *const reasons[] = {
        [PASSWORD_NOT_TEXT] = "The password contains something that is not text",
        [PASSWORD_TOO_SHORT] = "The password must be 12 characters or more",
        [PASSWORD_TOO_LONG] = "The password must be 128 characters or fewer",
        [PASSWORD_ONE_CHARACTER] = "The password must not be one character repeated",
        [PASSWORD_HAS_NAME] = "The password must not contain your name or email address",
        [PASSWORD_COMMON] = "The password is too easy to guess, try three random words",
};

/* Well-worn passwords of twelve characters and more, folded: letters and digits alone, lower case. */
static const char *const common[] = {
        "010203040506", "012345678910", "0123456789ab", "098765432109", "101010101010", "102030405060",
        "111222333444", "112233445566", "121212121212", "123123123123", "123321123321", "1234567890ab",
        "1234567890qw", "123456789012", "12345678900987654321", "1234567890abc", "1234567890qwerty", "1234567891011",
        "123456789abc", "123456789qwe", "123456abcdef", "123456qwerty", "1234abcd5678", "1234qwerasdf",
        "1234qwerasdfzxcv", "123qweasdzxc", "147258369147", "159753159753", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u8i",
        "1q2w3e4r5t6y7u", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "1qazxsw23edc", "987654321987", "abc123abc123",
        "abcabcabcabc", "abcd1234abcd", "abcd12345678", "abcdef123456", "abcdefghijkl", "abcdefghijklm",
        "abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyz", "abcdefgh1234", "admin1234567", "admin12345678",
        "adminadmin123", "adminadminadmin", "adminpassword", "administrator", "administrator1", "administrator123",
        "arsenalarsenal", "asdfasdfasdf", "asdfghjkl123", "asdfghjkl1234", "asdfghjklqwe", "asdfghjklzxcvbnm",
        "britishbulldog", "changeme1234", "changeme12345", "changemechangeme", "changemenow1", "charliecharlie",
        "chelseachelsea", "chocolate123", "chocolate1234", "computer1234", "correcthorsebatterystaple",
        "defaultpassword", "dragondragon", "evertonevertonfc", "everyone1234", "fairyprincess", "football1234",
        "football12345", "footballfootball", "guestguestguest", "hello1234567", "hellohello123", "hellohellohello",
        "helloworld123", "helloworld1234", "ihavenopassword", "iloveyou1234", "iloveyou12345", "iloveyou123456",
        "iloveyouforever", "iloveyouiloveyou", "iloveyousomuch", "internet1234", "letmein12345", "letmein123456",
        "letmeinletmein", "letmeinplease", "liverpool123", "liverpool1234", "liverpoolfc1", "liverpoolliverpool",
        "manchester123", "manchesterunited", "manutdmanutd", "michaeljackson", "monkeymonkey", "mypassword12",
        "mypassword123", "mypassword1234", "mypasswordis", "newpassword1", "newpassword12", "newpassword123",
        "nopasswordhere", "opensesame123", "p455w0rd1234", "p4ssw0rd1234", "pa55w0rd1234", "pa55word1234",
        "passpasspass", "passw0rd1234", "passw0rd12345", "passw0rdpassw0rd", "password0123", "password0000",
        "password1111", "password1234", "password12345", "password123456", "password1234567", "password12345678",
        "password123456789", "password1234567890", "password2020", "password2021", "password2022", "password2023",
        "password2024", "password2025", "password2026", "passwordabcd", "passwordadmin", "passwordpass",
        "passwordpassword", "passwordpassword1", "passwordqwerty", "pokemonpokemon", "princess1234",
        "princessprincess", "q1w2e3r4t5y6", "q1w2e3r4t5y6u7i8", "qazwsx123456", "qazwsxedc123", "qazwsxedcrfv",
        "qazwsxedcrfvtgb", "qweasdzxc123", "qweqweqweqwe", "qwer1234asdf", "qwerasdfzxcv", "qwerty098765",
        "qwerty123456", "qwerty1234567", "qwerty12345678", "qwerty123456789", "qwerty1234567890", "qwertyqwerty",
        "qwertyqwerty1", "qwertyasdfgh", "qwertyuiop12", "qwertyuiop123", "qwertyuiop1234", "qwertyuiopas",
        "qwertyuiopasdf", "qwertyuiopasdfgh", "qwertyuiopasdfghjkl", "qwertyuiopasdfghjklzxcvbnm", "safeguarding",
        "safeguarding1", "safeguarding12", "safeguarding123", "schoolschool", "secret123456", "secretpassword",
        "secretsecret", "spidermanspiderman", "starwars1234", "sunshine1234", "sunshine12345", "sunshinesunshine",
        "supermansuperman", "superuser123", "temppassword", "temporary123", "temporarypassword", "test12345678",
        "testpassword", "testtesttest", "testtesttesttest", "thisisapassword", "thisismypassword", "tottenham123",
        "tottenhamhotspur", "trustno1trustno1", "upstander123", "upstander1234", "welcome12345", "welcome123456",
        "welcome2024welcome", "welcomewelcome", "whatever1234", "whateverwhatever", "yourpassword", "zaq12wsxcde3",
        "zaq1zaq1zaq1", "zxcvbnm12345", "zxcvbnm123456", "zxcvbnmasdfghjkl", "zxcvbnmzxcvbnm",
};

/* Lower-case letters without accents, and digits; nothing between them, so that "Grace-Okafor!" holds graceokafor.
 * Ends early at what is not UTF-8. */
static void fold_text(const char *text, struct buffer *out) {
        buffer_append(out, "", 0);
        for (uint32_t character; *text && out->size < TEXT_MAX && utf8_next(&text, &character);)
                fold_character(character, out);
}

static bool is_common(const struct buffer *folded) {
        for (size_t i = 0; i < ELEMENTS(common); i++)
                if (strcmp(folded->data, common[i]) == 0)
                        return true;
        return false;
}

static bool holds_part(const struct buffer *password, struct buffer *part) {
        size_t characters;
        bool held = utf8_length(part->data, &characters) && characters >= PART_MIN &&
                    strstr(password->data, part->data);
        part->size = 0;
        part->data[0] = '\0';
        return held;
}

/* Whether the folded password holds a word of `text`, which ends before `stop` or at its NUL. */
static bool holds_word(const struct buffer *password, const char *text, char stop) {
        _cleanup_buffer_ struct buffer part = { 0 };
        buffer_append(&part, "", 0);
        for (uint32_t character; *text && *text != stop;) {
                if (!utf8_next(&text, &character))
                        return false;
                if ((fold_character(character, &part) == FOLD_SEPARATOR || part.size >= TEXT_MAX) &&
                    holds_part(password, &part))
                        return true;
        }
        return holds_part(password, &part);
}

static bool is_one_character(const char *password) {
        uint32_t first, character;
        if (!utf8_next(&password, &first))
                return false;
        while (*password)
                if (!utf8_next(&password, &character) || character != first)
                        return false;
        return true;
}

static enum password_fault find_fault(const char *password, const char *email, const char *name) {
        size_t characters;
        if (strnlen(password, 4 * PASSWORD_MAX + 1) > 4 * PASSWORD_MAX)
                return PASSWORD_TOO_LONG;
        if (!utf8_length(password, &characters))
                return PASSWORD_NOT_TEXT;
        if (characters < PASSWORD_MIN)
                return PASSWORD_TOO_SHORT;
        if (characters > PASSWORD_MAX)
                return PASSWORD_TOO_LONG;
        if (is_one_character(password))
                return PASSWORD_ONE_CHARACTER;

        _cleanup_secret_ struct buffer folded = { 0 };
        fold_text(password, &folded);
        if (is_common(&folded))
                return PASSWORD_COMMON;
        if ((email && holds_word(&folded, email, '@')) || (name && holds_word(&folded, name, '\0')))
                return PASSWORD_HAS_NAME;
        return 0;
}

int password_check(const char *password, const char *email, const char *name, const char **ret_reason) {
        enum password_fault fault = find_fault(password, email, name);
        if (fault)
                *ret_reason = reasons[fault];
        return (int) fault;
}
