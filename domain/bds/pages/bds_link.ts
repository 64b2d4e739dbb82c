/** `…-pr46002296` */
export function idOf(link: string | undefined): string | undefined {
  return link === undefined ? undefined : /-pr(\d+)\/?(?:[?#]|$)/.exec(link)?.[1];
}

/** Links begin with it: `/ban-can-ho-chung-cu…`, `/cho-thue-nha-rieng…`. */
export function transactionOf(link: string | undefined): string | undefined {
  const word = link === undefined ? undefined : /^(?:https?:\/\/[^/]+)?\/(ban|cho-thue)-/.exec(link)?.[1];
  return word === undefined ? undefined : word === "ban" ? "Bán" : "Cho thuê";
}
