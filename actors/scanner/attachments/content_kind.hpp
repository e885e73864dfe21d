// What a file is by its own bytes, whatever it is called. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace ie {

enum class content_kind : uint8_t {
    other,
    program,         // PE, NE, LE or DOS, by its header (Microsoft's PE format)
    installer,       // MSI: a compound file of that class (MS-CFB)
    shortcut,        // MS-SHLLINK
    encoded_script,  // VBScript or JScript as the Script Encoder writes it
    help,            // compiled HTML
    archive,         // zip, 7z, rar, tar, iso, cab, lha, xar, cpio
    compressed,      // one file: gzip, bzip2, xz, zstd, lzip, lz4, lzma, compress
    named_only,      // ARJ, ACE: archives of which only the names can be read
    compound,        // MS-CFB: an Outlook message, or another file of Office
    tnef,            // winmail.dat
};

// Of the whole file, or of its first bytes: then what is told by the end of a file is missed.
content_kind kind_of(std::string_view bytes);

// The extension that a dangerous kind stands for, in the list of extensions and in findings; empty:
// the kind is no danger by itself.
std::string_view extension_for(content_kind kind);

// "program by content"
std::string_view danger_text(content_kind kind);

}  // namespace ie
