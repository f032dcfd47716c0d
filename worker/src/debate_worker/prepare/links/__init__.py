"""Media behind a link: looked at first, then downloaded by yt-dlp in a process that reaches public addresses alone."""
