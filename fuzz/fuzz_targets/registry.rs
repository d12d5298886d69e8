#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bedrock_gateway_fuzz::registry::check(input));
