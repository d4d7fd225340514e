/** The defaults of the schema as values, for help texts and for commands that have no configuration at hand. */
import { type CameraSettings, type Settings, settingsSchema } from './config.ts';
import { cameraSettings } from './camera.ts';

export const CAMERA_DEFAULTS: CameraSettings = cameraSettings.parse({});

export const DEFAULTS: Omit<Settings, 'cameras'> = settingsSchema.parse({ cameras: [] });
