/** "ban-nha-rieng-duong-le-loi" of "Bán nhà riêng, Đường Lê Lợi": ASCII words joined by hyphens, as the site writes paths. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("đ", "d")
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
