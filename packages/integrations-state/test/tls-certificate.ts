// @boundaries-ignore the tests of both packages show the same certificate
export { testCertificate, testKey } from "../../outbound/test/tls-certificate.ts";
