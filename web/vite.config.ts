/**
 * web/ -> dist/web. Addresses are relative, so that the page also works below a path of a reverse proxy.
 * Nothing is inlined: the server's Content-Security-Policy allows files of its own origin only.
 */
import preactPreset from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [preactPreset({ reactAliasesEnabled: false })],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '^/events/': 'http://127.0.0.1:8080' },
  },
});
