/** A program of its own that starts a child, prints its pid and waits to be killed; a line on stdin makes it exit. For child.test.ts. */
import { once } from 'node:events';
import { Child } from '../../src/lib/child.ts';

const dieWithParent = process.argv[2] === 'dieWithParent';
const child = await Child.start({ name: 'sleeper', command: 'sleep', args: ['1000'], stdin: 'ignore', dieWithParent });
process.stdout.write(`${child.pid}\n`);
await once(process.stdin, 'data');
process.exit(0);
