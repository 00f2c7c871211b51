//! `multipart/form-data` (RFC 7578, escaping as in HTML, section 4.10.21.8), encoded in memory so that it can be
//! sent again and shown.

use bytes::Bytes;

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// A file's name; none for a plain value.
    pub file_name: Option<String>,
    /// The part's type; none for a plain value.
    pub content_type: Option<String>,
    /// What is sent.
    pub content: Bytes,
}

impl Part {
    /// A plain value.
    pub fn value(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            file_name: None,
            content_type: None,
            content: Bytes::copy_from_slice(value.as_bytes()),
        }
    }

    /// What a browser sends for a file field where no file was chosen.
    pub fn no_file(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            file_name: Some(String::new()),
            content_type: Some("application/octet-stream".to_owned()),
            content: Bytes::new(),
        }
    }
}

/// Encodes parts: the value of `Content-Type`, and the body.
pub fn encode_multipart(parts: &[Part]) -> (String, Bytes) {
    let boundary = format!("----smokegate{}", ulid::Ulid::generate());
    let mut body = Vec::new();
    for part in parts {
        let mut head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escaped(&part.name));
        if let Some(file_name) = &part.file_name {
            head.push_str("; filename=\"");
            head.push_str(&escaped(file_name));
            head.push('"');
        }
        if let Some(content_type) = &part.content_type {
            head.push_str("\r\nContent-Type: ");
            head.push_str(&content_type.replace(['\r', '\n'], ""));
        }
        head.push_str("\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}

fn escaped(name: &str) -> String {
    name.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_values_and_files_as_browsers_do() {
        let file = Part {
            name: "a\"b".to_owned(),
            file_name: Some("x.txt".to_owned()),
            content_type: Some("text/plain".to_owned()),
            content: Bytes::from_static(b"hello"),
        };
        let (content_type, body) =
            encode_multipart(&[Part::value("item", "milk"), file, Part::no_file("photo")]);
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = std::str::from_utf8(&body).unwrap().replace(boundary, "B");
        assert_eq!(
            body,
            "--B\r\nContent-Disposition: form-data; name=\"item\"\r\n\r\nmilk\r\n\
             --B\r\nContent-Disposition: form-data; name=\"a%22b\"; filename=\"x.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n\
             --B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n"
        );
    }
}
