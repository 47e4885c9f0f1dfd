// Holds the OpenAPI document to the specification, and answers that a server gave to the document.
//
//     tools/node tests/http/openapi/check.mjs DOCUMENT EXCHANGES
//
// EXCHANGES: a JSON array of {method, target, sent: {type, body}, status, type, headers, body}, bodies parsed where they
// are JSON. Prints what is wrong, one a line, then the operations that never answered well, each as "unseen METHOD PATH".
import fs from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { Validator } from '@seriousme/openapi-schema-validator';

const [document, exchanges] = process.argv.slice(2).map((path) => JSON.parse(fs.readFileSync(path, 'utf8')));
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
let faults = 0;
const fault = (...words) => { faults++; console.log(...words); };

// The document does not forbid that an answer grows, but today's answers have no member that it does not describe.
function close(schema) {
    if (schema === null || typeof schema !== 'object') return;
    Object.values(schema).forEach(close);
    if (schema.type === 'object' && schema.properties && schema.additionalProperties === undefined)
        schema.additionalProperties = false;
}

const operations = Object.entries(document.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method])
    .map((method) => ({ path, method, ...item[method], seen: false })));

function check_document(result) {
    for (const error of result.errors ?? []) fault('document', error.instancePath, error.message);
    const ids = new Set();
    for (const { path, method, operationId, parameters = [], responses } of operations) {
        const name = `${method} ${path}`;
        if (ids.has(operationId)) fault(name, 'shares its operationId');
        ids.add(operationId);
        const named = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name).sort().join();
        if (named !== [...path.matchAll(/{(\w+)}/g)].map((match) => match[1]).sort().join())
            fault(name, 'does not declare the names in its path');
        if (!Object.keys(responses).some((status) => status < 300)) fault(name, 'never succeeds');
    }
}

// The operation of a target: names in a path stand for a segment, and a path without them is looked for first.
function find(method, target) {
    const path = target.split('?')[0];
    const is_here = (operation) => {
        const base = operation.servers?.[0].url ?? document.servers[0].url;
        const pattern = base.replace(/\/$/, '') + operation.path;
        return new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/{\w+}/g, '[^/]+')}$`).test(path);
    };
    return operations.filter((operation) => operation.method === method.toLowerCase() && is_here(operation))
        .sort((one, other) => one.path.split('{').length - other.path.split('{').length)[0];
}

function check_parameters(operation, exchange, name) {
    const declared = (operation.parameters ?? []).map((parameter) => parameter.$ref
        ? document.components.parameters[parameter.$ref.split('/').pop()] : parameter);
    for (const argument of new URL(exchange.target, 'http://localhost').searchParams.keys())
        if (exchange.status < 300 && !declared.some((parameter) => parameter.in === 'query' && parameter.name === argument))
            fault(name, 'takes the argument', argument, 'and does not declare it');
}

function check_exchange(exchange, validate) {
    const operation = find(exchange.method, exchange.target);
    const name = `${exchange.method} ${exchange.target} ${exchange.status}`;
    if (!operation) {
        if (exchange.status < 400) fault(name, 'is not in the document');
        return;
    }
    const at = `/paths/${operation.path.replaceAll('~', '~0').replaceAll('/', '~1')}/${operation.method}`;
    check_parameters(operation, exchange, name);
    let response = operation.responses[exchange.status], response_at = `${at}/responses/${exchange.status}`;
    if (!response) return fault(name, 'has a status that the document does not name');
    if (response.$ref) {
        response_at = response.$ref.slice(1);
        response = document.components.responses[response.$ref.split('/').pop()];
    }
    const type = exchange.type?.split(';')[0] ?? null;
    if (type === null ? response.content : !response.content?.[type]) return fault(name, 'has a media type that the document does not name:', type);
    if (type) validate(`${response_at}/content/${type.replaceAll('/', '~1')}/schema`, exchange.body, name);
    for (const header of Object.keys(response.headers ?? {}))
        if (['Location', 'Retry-After', 'WWW-Authenticate'].includes(header) && !(header.toLowerCase() in exchange.headers))
            fault(name, 'lacks the header', header);
    if (exchange.status < 300) {
        operation.seen = true;
        const content = operation.requestBody?.content[exchange.sent.type];
        if (content) validate(`${at}/requestBody/content/${exchange.sent.type.replaceAll('/', '~1')}/schema`, exchange.sent.body, `${name} (sent)`);
    }
}

check_document(await new Validator().validate(structuredClone(document)));
close(document.components.schemas);
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema({ ...document, $id: 'http://localhost/openapi.json' });
const compiled = new Map();
const validate = (pointer, value, name) => {
    const uri = `http://localhost/openapi.json#${encodeURI(pointer)}`;
    if (!compiled.has(uri)) compiled.set(uri, ajv.compile({ $ref: uri }));
    const check = compiled.get(uri);
    if (!check(value))
        for (const error of check.errors.slice(0, 5))
            fault(name, error.instancePath || '/', error.message, JSON.stringify(error.params));
};
for (const exchange of exchanges) check_exchange(exchange, validate);
for (const operation of operations) if (!operation.seen) console.log('unseen', operation.method.toUpperCase(), operation.path);
process.exit(faults ? 1 : 0);
