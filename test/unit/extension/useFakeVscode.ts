/*
 * Imported first by tests of what needs the editor; the modules under test are then imported
 * dynamically.
 */
import { register } from 'node:module';

register('./vscodeHooks.mjs', import.meta.url);
