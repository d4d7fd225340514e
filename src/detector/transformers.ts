/** Which pixels a detection transformer was trained on, as far as its first layer tells. Pure. */
import { type PixelRule, RGB_IMAGENET, RGB_UNIT } from './family.ts';
import type { ModelGraph } from './graph.ts';

/** A convolution this wide cuts the picture into patches, or is the stem of an old ResNet. */
const PATCH_PX = 8;
const RESNET_STEM_PX = 7;

/**
 * Backbones that were pre-trained with ImageNet's mean and deviation and kept frozen statistics need them: vision transformers
 * (RF-DETR, DEIMv2 with DINOv3, YOLOS: 14 or 16 px patches) and torchvision's ResNet of DETR (7 px stem). RT-DETR, D-FINE and
 * DEIM train on plain 0…1 (3 px stems).
 */
export function transformerPixels(graph: ModelGraph): { readonly pixels: PixelRule; readonly why: string } {
  const kernelPx = graph.firstKernelPx;
  if (kernelPx !== undefined && kernelPx >= PATCH_PX)
    return {
      pixels: RGB_IMAGENET,
      why: `its first layer cuts patches of ${kernelPx} px, so pixels are normalised as for ImageNet`,
    };
  if (kernelPx === RESNET_STEM_PX)
    return { pixels: RGB_IMAGENET, why: 'its first layer is that of a ResNet, so pixels are normalised as for ImageNet' };
  return { pixels: RGB_UNIT, why: `its first layer is a ${kernelPx ?? '?'} px convolution, so pixels are 0…1` };
}
