/// The page that shows a run: one file that needs nothing else and works without a network.
package enum Page {
    /// The whole text.
    package static func text(_ picture: Picture) -> String {
        // What would end the script early must not stand in it; JSON allows the slash to be written so.
        let data = JSONText.line(picture).replacing("</", with: "<\\/")
        let title = "\(picture.verdict) - seed \(picture.seed) \(picture.profile)"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            <style>
            \(style)
            </style>
            </head>
            \(body)
            <script>
            "use strict";
            const run = \(data);
            \(model)
            \(drawing)
            \(bars)
            \(hovering)
            \(steering)
            </script>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
