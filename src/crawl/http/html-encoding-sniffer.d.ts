declare module "html-encoding-sniffer" {
  /** The WHATWG name of the encoding, or `defaultEncoding` where nothing tells. */
  export default function sniffHtmlEncoding(
    bytes: Uint8Array,
    options?: { xml?: boolean; transportLayerEncodingLabel?: string; defaultEncoding?: string },
  ): string;
}
