// What only the database can tell, or bring about.
import { execFileSync } from 'node:child_process';

export function sql(text) {
  return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8' }).trim();
}

// As if a person had done nothing for an hour. What serve has seen of them since is still in its memory and is written down
// later, which only makes the session younger: so the next request must follow at once.
export function grownIdle(email) {
  sql(`update upstander.session set seen_at = seen_at - interval '1 hour'
        where account_id = (select id from upstander.account where email = '${email}')`);
}
