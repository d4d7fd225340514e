/** Bare onnxruntime-node: N inferences of the bundled model on one constant picture. usage: floor.mjs N WIDTH HEIGHT */
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [pictures, widthPx, heightPx] = process.argv.slice(2).map(Number);
const model = new URL('../../models/nanodet-plus-m.onnx', import.meta.url).pathname;
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const input = new Tensor('float32', new Float32Array(3 * widthPx * heightPx), [1, 3, heightPx, widthPx]);
for (let i = 0; i < pictures; i++) await session.run({ images: input });
