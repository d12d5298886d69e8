//! What an operator can do when AWS rejects the credentials, by the exception's name.

/// What to do, as the end of a sentence.
pub(in crate::bedrock) fn advice(exception: &str, uses_bearer_token: bool) -> &'static str {
    if uses_bearer_token {
        return "the API key in AWS_BEARER_TOKEN_BEDROCK is wrong or has expired; make a new one \
                and restart";
    }
    match exception {
        "ExpiredToken" | "ExpiredTokenException" => {
            "they have expired; renew the session, profile or role that they come from"
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" => {
            "the access key or the session token is not known; check AWS_ACCESS_KEY_ID and \
             AWS_SESSION_TOKEN or the profile, and that the key is active"
        }
        "RequestTimeTooSkewed" | "RequestExpired" => {
            "calls arrive too long after they were signed; synchronize the clock of this machine"
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" => {
            "the signature is wrong; check that AWS_SECRET_ACCESS_KEY belongs to the access key, \
             that the clock is right, and that no proxy changes requests"
        }
        "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException" => {
            "calls arrive without a whole signature; check that no proxy changes headers"
        }
        _ => "check the credentials that the AWS SDK finds",
    }
}
