// Pictures, emoticons and files that were transferred, each with its origin.
