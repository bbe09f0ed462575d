// @boundaries-ignore the tests of both packages receive by the same server
export { startHttpReceiver } from "../../outbound/test/http-receiver.ts";
// @boundaries-ignore the tests of both packages receive by the same server
export type { HttpReceiver } from "../../outbound/test/http-receiver.ts";
