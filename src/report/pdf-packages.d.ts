/** As far as plots use them; neither package brings types. */
declare module 'pdfkit' {
  export default class PdfDocument {
    constructor(options: {
      size: [number, number]
      margin: number
      info: Readonly<Record<string, string | Date>>
    })
    pipe(target: NodeJS.WritableStream): void
    end(): void
  }
}

declare module 'svg-to-pdfkit' {
  import type PdfDocument from 'pdfkit'
  export default function svgToPdf(
    document: PdfDocument,
    svg: string,
    x: number,
    y: number,
    options: {
      width: number
      height: number
      fontCallback: (family: string, bold: boolean, italic: boolean) => string
    },
  ): void
}
