/** The rule `house/rooms` for the linter: reports every import that the table of rooms does not allow. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complaint, complaintAboutPlace } from './rooms.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const rooms = {
  meta: { type: 'problem', docs: { description: 'A room of the house imports only what the table of rooms allows.' } },
  create(context) {
    const path = relative(ROOT, context.filename);
    const look = (node, source) => {
      const specifier = source?.value;
      if (source && typeof specifier !== 'string') {
        context.report({ node, message: 'An import must be a plain string, so that the table of rooms can be held.' });
      }
      const message = typeof specifier === 'string' ? complaint(path, specifier) : undefined;
      if (message) context.report({ node: source, message });
    };
    return {
      Program(node) {
        const message = complaintAboutPlace(path);
        if (message) context.report({ node, message });
      },
      ImportDeclaration: (node) => look(node, node.source),
      ExportNamedDeclaration: (node) => look(node, node.source),
      ExportAllDeclaration: (node) => look(node, node.source),
      ImportExpression: (node) => look(node, node.source),
      TSImportType: (node) => look(node, node.source),
    };
  },
};

export default { meta: { name: 'house' }, rules: { rooms } };
