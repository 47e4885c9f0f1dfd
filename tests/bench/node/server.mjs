// The plain server that tests/bench/run measures Upstander against: fastify and pg as their users would write it, doing the same
// work with the same statements. It checks the token, checks the body with a JSON schema, seals what is confidential, calls context
// and function in one transaction on a pooled connection, opens what was sealed and answers.
import crypto from 'node:crypto';
import fs from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ max: Number(process.env.POOL ?? 10) });

// --- Keys, tokens, sealing: the formats of include/crypto/ ---

const keys = fs.readFileSync(process.env.KEY_FILE, 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/)).map(([kind, id, key]) => ({ kind, id, key: Buffer.from(key, 'base64url') }));
const keyOf = (kind) => keys.filter((key) => key.kind === kind).at(-1);
const [sealKey, tokenKey, indexKey] = ['seal', 'token', 'index'].map(keyOf);

function sessionHash(header) {
    const text = /^Bearer ([\w-]{54})$/.exec(header ?? '')?.[1];
    if (!text) return null;
    const token = Buffer.from(text, 'base64url');
    const mac = crypto.createHmac('sha256', tokenKey.key).update('token/b').update(token.subarray(0, 24)).digest().subarray(0, 16);
    return crypto.timingSafeEqual(mac, token.subarray(24)) ? crypto.createHash('sha256').update(text).digest('hex') : null;
}

function encrypt(key, aad, plain) {
    const nonce = crypto.randomBytes(12);
    const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(aad));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypt(key, aad, text) {
    const bytes = Buffer.from(text, 'base64url');
    const decipher = crypto.createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(aad));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}

function openEnvelope(envelope, dataKeys) {
    const [table, column, row, owner, , keyId, wrapped, , sealed] = envelope.split('.');
    let key = dataKeys.get(owner);
    if (!key) {
        key = decrypt(keys.find((k) => k.kind === 'seal' && k.id === keyId).key, `data_key|${owner}|${keyId}`, wrapped);
        dataKeys.set(owner, key);
    }
    return JSON.parse(decrypt(key, `${table}|${column}|${row}|${owner}`, sealed));
}

function openSealed(value, dataKeys = new Map()) {
    if (Array.isArray(value)) return value.map((item) => openSealed(item, dataKeys));
    if (value === null || typeof value !== 'object') return value;
    const { $sealed, ...rest } = value;
    const members = Object.fromEntries(Object.entries(rest).map(([name, item]) => [name, openSealed(item, dataKeys)]));
    return $sealed ? { ...members, ...openEnvelope($sealed, dataKeys) } : members;
}

const blindIndex = (kind, text) =>
    crypto.createHmac('sha256', indexKey.key).update(`${kind}/${text.normalize('NFKC').toLowerCase()}`).digest('hex').slice(0, 32);

// --- Reports ---

const open = ['kind', 'organisation', 'occurred_at_organisation', 'occurred_in', 'setting', 'occurred_on', 'occurred_time', 'occurred_precision',
    'aware_at', 'strands', 'levels', 'forms', 'perceived_by', 'direction', 'harm', 'suspected_offence', 'immediate_danger'];
const sealed = ['narrative', 'verbatim', 'wishes', 'must_not_know', 'safe_contact', 'actions_taken'];
const openOfPerson = ['role', 'religion', 'home_authority', 'looked_after_by', 'care_status', 'workplace_authority'];
const sealedOfPerson = ['name', 'date_of_birth', 'age_estimate', 'email', 'ethnicity', 'culture', 'first_language', 'interpreter', 'workplace',
    'impact', 'consent'];
const pick = (object, names) => Object.fromEntries(names.filter((name) => object[name] != null).map((name) => [name, object[name]]));
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'.replace('I', '').slice(0, 31);
const reference = (prefix) => {
    const text = Array.from(crypto.randomBytes(8), (byte) => alphabet[byte % 31]).join('');
    return `${prefix}-${text.slice(0, 4)}-${text.slice(4)}`;
};

function personFacts(person, dataKey, incident) {
    const id = crypto.randomUUID();
    const ethnicity = person.ethnicity?.code ?? 'NOT_ASKED';
    const facts = pick(person, openOfPerson);
    facts.id = id;
    facts.ethnicity = ethnicity;
    facts.ethnicity_list = /^NOT_|^ASKED_DECLINED$/.test(ethnicity) ? 'missingness' : 'ethnicity';
    facts.works_with_children = person.works_with_children ?? 'NO';
    if (person.ethnicity?.source) facts.ethnicity_source = person.ethnicity.source;
    if (person.date_of_birth) facts.age = new Date().getFullYear() - Number(person.date_of_birth.slice(0, 4));
    if (person.name) facts.name_index = blindIndex('name', person.name);
    if (person.name && person.date_of_birth) facts.name_birth_index = blindIndex('name_birth', `${person.name}|${person.date_of_birth}`);
    if (person.email) facts.email_index = blindIndex('email', person.email);
    facts.sealed = 's1.' + encrypt(dataKey, `incident_person|details|${id}|${incident}`, JSON.stringify(pick(person, sealedOfPerson)));
    return facts;
}

function incidentFacts(body, incident) {
    const dataKey = crypto.randomBytes(32);
    const people = (body.people ?? []).map((person) => personFacts(person, dataKey, incident));
    const ages = people.map((person) => person.age).filter((age) => age < 18);
    return {
        ...pick(body, open),
        people,
        wrapped: `k1.${sealKey.id}.` + encrypt(sealKey.key, `data_key|${incident}|${sealKey.id}`, dataKey),
        account_sealed: 's1.' + encrypt(dataKey, `incident|account|${incident}|${incident}`, JSON.stringify(pick(body, sealed))),
        youngest_age: ages.length ? Math.min(...ages) : undefined,
        spare: Array.from({ length: 44 }, () => ({ id: crypto.randomUUID(), reference: reference('RF') })),
    };
}

const line = (most) => ({ type: 'string', minLength: 1, maxLength: most });
const code = { type: 'string', pattern: '^[A-Z0-9_]{1,60}$' };
const codes = { type: 'array', maxItems: 40, uniqueItems: true, items: code };
const person = {
    type: 'object', additionalProperties: false, required: ['role'],
    properties: {
        role: code, name: line(200), date_of_birth: { type: 'string', format: 'date' }, age_estimate: { type: 'integer', minimum: 0, maximum: 120 },
        email: { type: 'string', format: 'email', maxLength: 254 },
        ethnicity: {
            type: 'object', additionalProperties: false, required: ['code'],
            properties: { code, self_described: line(200), source: code },
        },
        culture: line(4000), religion: code, first_language: line(60), home_authority: code, looked_after_by: code, care_status: code,
        works_with_children: { enum: ['YES', 'NO', 'UNKNOWN'] }, workplace: line(200), workplace_authority: code, consent: code,
    },
};
const incident = {
    type: 'object', additionalProperties: false,
    required: ['kind', 'organisation', 'occurred_precision', 'harm', 'suspected_offence', 'immediate_danger', 'narrative'],
    properties: {
        kind: code, organisation: line(63), occurred_at_organisation: line(63), occurred_in: code, setting: code,
        occurred_on: { type: 'string', format: 'date' }, occurred_time: { type: 'string', pattern: '^\\d\\d:\\d\\d$' }, occurred_precision: code,
        aware_at: { type: 'string', format: 'date-time' }, strands: codes, levels: codes, forms: codes, perceived_by: codes, direction: code,
        harm: code, suspected_offence: code, immediate_danger: { type: 'boolean' }, narrative: line(20000), wishes: line(4000),
        must_not_know: line(4000), safe_contact: line(4000), actions_taken: line(4000),
        verbatim: {
            type: 'array', maxItems: 20,
            items: { type: 'object', additionalProperties: false, required: ['words'], properties: { speaker: line(200), words: line(4000) } },
        },
        people: { type: 'array', maxItems: 20, items: person },
    },
};

// --- The server ---

const statuses = { ok: 200, created: 201, replayed: 201, absent: 404, denied: 403, conflict: 409, in_progress: 409, invalid: 422 };

async function answer(request, reply, permission, route, text, values) {
    const session = sessionHash(request.headers.authorization);
    if (!session) return reply.code(401).send({ title: 'Sign in first' });
    const client = await pool.connect();
    let verdict, result;
    try {
        await client.query('BEGIN');
        ({ rows: [{ verdict }] } = await client.query({
            name: 'context',
            text: 'select verdict, account, frame from access_context($1, $2, $3, $4, $5, false, false)',
            values: [session, permission, crypto.randomUUID(), route, request.ip],
        }));
        ({ rows: [result] } = await client.query({ name: route, text, values }));
        await client.query('COMMIT');
    } catch (error) {
        await client.query('ROLLBACK');
        throw error;
    } finally {
        client.release();
    }
    if (verdict !== 'ok') return reply.code(verdict === 'forbidden' ? 403 : 401).send({ title: verdict });
    const status = statuses[result.outcome] ?? 500;
    if (status >= 400) return reply.code(status).send({ title: result.outcome, errors: JSON.parse(result.body ?? '{}').errors });
    if (result.etag) reply.header('ETag', `"${result.etag}"`);
    if (result.location) reply.header('Location', '/api/v1' + result.location);
    reply.header('Cache-Control', 'no-store').header('X-Content-Type-Options', 'nosniff');
    return reply.code(status).send(openSealed(JSON.parse(result.body)));
}

const app = Fastify({ bodyLimit: 65536 });

app.post('/api/v1/incidents', { schema: { body: incident } }, (request, reply) => {
    const key = /^"([\x20-\x7e]{1,64})"$/.exec(request.headers['idempotency-key'] ?? '')?.[1];
    if (!key) return reply.code(400).send({ title: 'Idempotency-Key is missing' });
    const id = crypto.randomUUID();
    const hash = crypto.createHmac('sha256', indexKey.key).update('POST /incidents').update(JSON.stringify(request.body)).digest('hex');
    return answer(request, reply, 'INCIDENT_CREATE', '/incidents',
        'select outcome, body, etag, location from incident_file($1::uuid, $2, $3, $4, $5)',
        [id, reference('UP'), key, hash, JSON.stringify(incidentFacts(request.body, id))]);
});

app.get('/api/v1/incidents/:reference', (request, reply) =>
    answer(request, reply, 'INCIDENT_READ', '/incidents/{incident}', 'select outcome, body, etag, location from incident_get($1)',
        [request.params.reference]));

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
