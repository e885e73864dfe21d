# What differs between the kinds of packages; run by CPack where the files are laid out, before it packs them.
set(laid_out ${CPACK_TEMPORARY_DIRECTORY})
if(CPACK_GENERATOR STREQUAL "DEB")
  # A Debian has no cPanel: its accounts are its users.
  set(settings ${laid_out}/quarantine/etc/imunifyemail/imunifyemail.toml)
  file(READ ${settings} text)
  string(REPLACE "\n#provider = \"cpanel\"\n" "\nprovider = \"passwd\"\n" text "${text}")
  file(WRITE ${settings} "${text}")
else()
  file(RENAME ${laid_out}/cli/usr/share/zsh/vendor-completions ${laid_out}/cli/usr/share/zsh/site-functions)
endif()
