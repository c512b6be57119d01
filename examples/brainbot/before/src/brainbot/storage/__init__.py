"""Where the application keeps things. Everything outside of this folder knows only `contract`."""
