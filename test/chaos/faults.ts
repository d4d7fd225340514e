/** Every fault of the suite. */
import { cameraFaults } from './camera-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { diskFaults } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { processFaults } from './process-faults.ts';

export const faults: readonly Fault[] = [...processFaults, ...cameraFaults, ...diskFaults, ...clockFaults];
