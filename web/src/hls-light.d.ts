/** hls.js ships types for its full build only; the light one has the same shape. */
declare module 'hls.js/light' {
  import Hls from 'hls.js';

  export default Hls;
}
